package io.batchwright.data.search;

import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A heap for each query; scores are copied out, or looked at where they lie. */
final class KeptOnHost implements KeptBest {
  /** Parts of a tile's rows that are searched at the same time, at most. */
  private static final int PARTS = 64;

  private final TopK[] best;
  private final float[] values;
  private final boolean parallel;

  /**
   * @param scores what will be offered
   * @param parallel whether rows are searched by all cores
   */
  KeptOnHost(int queries, int k, Tensor scores, boolean parallel) {
    this.best = new TopK[queries];
    Arrays.setAll(best, q -> new TopK(k));
    this.values = new float[Math.toIntExact(scores.elements())];
    this.parallel = parallel;
  }

  @Override
  public void offer(Tensor scores, int firstQuery, int firstDocument, int documentCount) {
    scores.copyTo(values);
    int tile = scores.shape().dim(1);
    int queryCount = Math.min(scores.shape().dim(0), best.length - firstQuery);
    int parts = parallel ? Math.min(queryCount, PARTS) : 1;
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              BlockScan scan = new BlockScan();
              int end = (part + 1) * queryCount / parts;
              for (int row = part * queryCount / parts; row < end; row++) {
                best[firstQuery + row].offer(
                    values, row * tile, documentCount, firstDocument, scan);
              }
            });
  }

  @Override
  public TopK.Best[] best() {
    return Arrays.stream(best).map(TopK::best).toArray(TopK.Best[]::new);
  }
}
