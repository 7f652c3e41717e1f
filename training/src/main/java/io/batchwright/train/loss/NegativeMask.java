package io.batchwright.train.loss;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import java.util.Arrays;

/**
 * Which pairs of the global batch are candidates for each local pair.
 *
 * @param allowed I32 [b, N], 0 where a candidate is masked; null where none is
 * @param ownColumns I32 [b], the global position of each local pair, which is never masked
 */
record NegativeMask(Tensor allowed, Tensor ownColumns) {

  static NegativeMask of(
      Graph g, EmbeddingPairs pairs, boolean samePositiveMask, boolean equalHashMask) {
    GatheredPairs all = pairs.gathered();
    int rows = pairs.count();
    int columns = all.count();
    int[] own = new int[rows];
    int[] allowed = null; // most batches have nothing to mask
    for (int i = 0; i < rows; i++) {
      own[i] = pairs.rowOffset() + i;
      for (int j = 0; j < columns; j++) {
        boolean masked =
            j != own[i]
                && (samePositiveMask && all.positiveIds()[j] == all.positiveIds()[own[i]]
                    || equalHashMask && all.equalHashes()[j] == all.equalHashes()[own[i]]);
        if (masked) {
          if (allowed == null) {
            allowed = new int[Math.multiplyExact(rows, columns)];
            Arrays.fill(allowed, 1);
          }
          allowed[i * columns + j] = 0;
        }
      }
    }
    return new NegativeMask(
        allowed == null ? null : g.arena().ints("allowed", allowed, rows, columns),
        g.arena().ints("ownColumns", own, rows));
  }
}
