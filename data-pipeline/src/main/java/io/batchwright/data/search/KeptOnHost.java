package io.batchwright.data.search;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A heap for each query. A group is every {@value #LANES}th of some neighbouring scores, so that
 * the backend finds the greatest of each group by comparing whole vectors; only groups that hold a
 * score better than the worst kept are looked through.
 */
final class KeptOnHost implements KeptBest {
  /** Tiles are a multiple of this wide. */
  static final int BLOCK = 64;

  /** Neighbouring scores that are in groups of their own. */
  private static final int LANES = 16;

  /** Scores of a group, where a tile's width allows it. */
  private static final int DEEP = 16;

  /** Parts of a tile's rows that are searched at the same time, at most. */
  private static final int PARTS = 64;

  private final Backend backend;
  private final TopK[] best;
  private final boolean parallel;
  private final int depth;
  private final Tensor maxima;
  private final float[] greatest;

  /**
   * @param scores what will be offered, a multiple of {@value #BLOCK} wide
   * @param parallel whether rows are searched by all cores
   */
  KeptOnHost(Backend backend, Arena arena, int queries, int k, Tensor scores, boolean parallel) {
    this.backend = backend;
    this.best = new TopK[queries];
    Arrays.setAll(best, q -> new TopK(k));
    this.parallel = parallel;
    this.depth = scores.shape().dim(1) % (LANES * DEEP) == 0 ? DEEP : BLOCK / LANES;
    int groups = Math.toIntExact(scores.elements() / depth);
    this.maxima = arena.allocate("greatest scores", DType.F32, groups);
    this.greatest = new float[groups];
  }

  @Override
  public void offer(Tensor scores, int firstQuery, int firstDocument, int documentCount) {
    int queryCount = Math.min(scores.shape().dim(0), best.length - firstQuery);
    int parts = parallel ? Math.min(queryCount, PARTS) : 1;
    int groups = scores.shape().dim(1) / depth;
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              int from = part * queryCount / parts;
              int to = (part + 1) * queryCount / parts;
              Tensor rows = scores.rows(from, to);
              Tensor found = maxima.rows(from * groups, to * groups);
              backend.max(rows.reshape((to - from) * groups / LANES, depth, LANES), 1, found);
            });
    maxima.copyTo(greatest);
    FloatBuffer seen = seen(scores);
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              int end = (part + 1) * queryCount / parts;
              for (int row = part * queryCount / parts; row < end; row++) {
                keep(best[firstQuery + row], row, groups, seen, firstDocument, documentCount);
              }
            });
  }

  private void keep(
      TopK kept, int row, int groups, FloatBuffer scores, int firstDocument, int documentCount) {
    int start = row * groups * depth;
    for (int g = 0; g < groups; g++) {
      int column = g / LANES * LANES * depth + g % LANES;
      if (kept.takes(greatest[row * groups + g], firstDocument + column)) {
        int end = Math.min(column + LANES * depth, documentCount);
        for (int c = column; c < end; c += LANES) {
          kept.offer(scores.get(start + c), firstDocument + c);
        }
      }
    }
  }

  @Override
  public TopK.Best[] best() {
    return Arrays.stream(best).map(TopK::best).toArray(TopK.Best[]::new);
  }

  /** Scores where they lie, or copied from where the host cannot see them. */
  private static FloatBuffer seen(Tensor scores) {
    Optional<ByteBuffer> view = scores.view(0, Math.toIntExact(scores.bytes()));
    return view.map(ByteBuffer::asFloatBuffer).orElseGet(() -> FloatBuffer.wrap(scores.toFloats()));
  }
}
