package io.batchwright.data.search;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** The best are kept where the scores are: two numbers each, copied out at the end. */
final class KeptOnDevice implements KeptBest {
  private static final int ROWS_AT_ONCE = 1024;

  private final Backend backend;
  private final Tensor best;
  private final Tensor ordinals;

  KeptOnDevice(Backend backend, Arena arena, int queries, int k) {
    this.backend = backend;
    this.best = arena.allocate("best scores", DType.F32, queries, k);
    this.ordinals = arena.allocate("best documents", DType.I32, queries, k);
    backend.fill(best, Double.NEGATIVE_INFINITY);
    backend.fill(ordinals, -1);
  }

  @Override
  public void offer(Tensor scores, int firstQuery, int firstDocument, int documentCount) {
    int end = Math.min(best.shape().dim(0), firstQuery + scores.shape().dim(0));
    backend.keepBest(
        scores.rows(0, end - firstQuery),
        documentCount,
        firstDocument,
        best.rows(firstQuery, end),
        ordinals.rows(firstQuery, end));
  }

  @Override
  public TopK.Best[] best() {
    int k = best.shape().dim(1);
    TopK.Best[] all = new TopK.Best[best.shape().dim(0)];
    for (int first = 0; first < all.length; first += ROWS_AT_ONCE) {
      int end = Math.min(all.length, first + ROWS_AT_ONCE);
      float[] scores = best.rows(first, end).toFloats();
      int[] documents = ordinals.rows(first, end).toInts();
      for (int q = first; q < end; q++) {
        int from = (q - first) * k;
        int count = k;
        while (count > 0 && documents[from + count - 1] < 0) {
          count--; // only where scores were not finite
        }
        all[q] =
            new TopK.Best(
                Arrays.copyOfRange(documents, from, from + count),
                Arrays.copyOfRange(scores, from, from + count));
      }
    }
    return all;
  }
}
