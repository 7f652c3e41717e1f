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
 * A heap for each query. The backend finds the greatest score of each block of {@value #BLOCK}, and
 * only blocks that hold one better than the worst kept are looked through.
 */
final class KeptOnHost implements KeptBest {
  /** Scores of a block; tiles are whole blocks wide. */
  static final int BLOCK = 64;

  /** Parts of a tile's rows that are searched at the same time, at most. */
  private static final int PARTS = 64;

  private final Backend backend;
  private final TopK[] best;
  private final boolean parallel;
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
    int blocks = Math.toIntExact(scores.elements() / BLOCK);
    this.maxima = arena.allocate("greatest scores", DType.F32, blocks);
    this.greatest = new float[blocks];
  }

  @Override
  public void offer(Tensor scores, int firstQuery, int firstDocument, int documentCount) {
    int queryCount = Math.min(scores.shape().dim(0), best.length - firstQuery);
    int parts = parallel ? Math.min(queryCount, PARTS) : 1;
    int blocks = scores.shape().dim(1) / BLOCK;
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              int from = part * queryCount / parts;
              int to = (part + 1) * queryCount / parts;
              Tensor rows = scores.rows(from, to);
              Tensor found = maxima.rows(from * blocks, to * blocks);
              backend.max(rows.reshape((to - from) * blocks, BLOCK), 1, found);
            });
    maxima.copyTo(greatest);
    Scores seen = new Scores(scores);
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            part -> {
              float[] block = new float[BLOCK];
              int end = (part + 1) * queryCount / parts;
              for (int row = part * queryCount / parts; row < end; row++) {
                TopK kept = best[firstQuery + row];
                for (int b = 0; b * BLOCK < documentCount; b++) {
                  if (kept.takes(greatest[row * blocks + b])) {
                    seen.copy((row * blocks + b) * BLOCK, block);
                    int count = Math.min(BLOCK, documentCount - b * BLOCK);
                    kept.offer(block, count, firstDocument + b * BLOCK);
                  }
                }
              }
            });
  }

  @Override
  public TopK.Best[] best() {
    return Arrays.stream(best).map(TopK::best).toArray(TopK.Best[]::new);
  }

  /** A tile's scores where they lie, or copied from where the host cannot see them. */
  private static final class Scores {
    private final FloatBuffer all;

    Scores(Tensor scores) {
      Optional<ByteBuffer> view = scores.view(0, Math.toIntExact(scores.bytes()));
      all =
          view.map(ByteBuffer::asFloatBuffer).orElseGet(() -> FloatBuffer.wrap(scores.toFloats()));
    }

    void copy(int from, float[] block) {
      all.get(from, block);
    }
  }
}
