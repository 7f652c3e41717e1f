package io.batchwright.train.evaluation;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Exact nearest neighbours by inner product, which is the cosine where vectors have unit length.
 *
 * <p>Both sides are cut into tiles; a tile's scores are one matrix product, and each query keeps
 * its best documents so far. No score matrix larger than a tile ever exists. Equal scores rank by
 * document ordinal, on any number of threads.
 *
 * @param queryTile queries multiplied at once, at least 1
 * @param documentTile documents multiplied at once, at least 1
 */
public record DenseSearch(int queryTile, int documentTile) {
  public static final DenseSearch DEFAULTS = new DenseSearch(1024, 4096);

  public DenseSearch {
    Check.atLeast("DenseSearch.queryTile", queryTile, 1);
    Check.atLeast("DenseSearch.documentTile", documentTile, 1);
  }

  /** Where document vectors come from: a range of ordinals at a time, ascending. */
  @FunctionalInterface
  public interface Vectors {
    float[][] between(int from, int to);
  }

  /**
   * The best {@code k} documents of each query.
   *
   * @param queryVectors [queries, dims]
   * @param vectors of the documents
   */
  public Rankings search(
      Backend backend, Ids queries, float[][] queryVectors, Ids documents, Vectors vectors, int k) {
    TopK[] best = new TopK[queryVectors.length];
    Arrays.setAll(best, q -> new TopK(Math.min(k, documents.size())));
    if (best.length > 0) {
      try (Arena arena = backend.arena("dense search")) {
        new Tiles(backend, arena, queryVectors).scan(documents.size(), vectors, best);
      }
    }
    int[][] ranked = new int[best.length][];
    float[][] scores = new float[best.length][];
    for (int q = 0; q < best.length; q++) {
      best[q].sort();
      ranked[q] = best[q].documents();
      scores[q] = best[q].scores();
    }
    return Rankings.of(queries, documents, ranked, scores);
  }

  /** The buffers of one search. */
  private final class Tiles {
    private final Backend backend;
    private final int dims;
    private final int queryCount;
    private final Tensor queries;
    private final Tensor documents;
    private final Tensor scores;
    private final float[] packed;

    Tiles(Backend backend, Arena arena, float[][] queryVectors) {
      this.backend = backend;
      this.dims = queryVectors[0].length;
      this.queryCount = queryVectors.length;
      this.queries = arena.allocate("queries", DType.F32, queryCount, dims);
      queries.copyFrom(pack(queryVectors, new float[queryCount * dims]));
      this.documents = arena.allocate("document tile", DType.F32, documentTile, dims);
      this.scores =
          arena.allocate("scores", DType.F32, Math.min(queryTile, queryCount) * documentTile);
      this.packed = new float[documentTile * dims];
    }

    void scan(int documentCount, Vectors vectors, TopK[] best) {
      for (int from = 0; from < documentCount; from += documentTile) {
        int count = Math.min(documentTile, documentCount - from);
        float[] tile = pack(vectors.between(from, from + count), packed);
        Tensor part = documents.rows(0, count);
        part.copyFrom(count == documentTile ? tile : Arrays.copyOf(tile, count * dims));
        for (int q = 0; q < queryCount; q += queryTile) {
          score(q, Math.min(queryTile, queryCount - q), part, from, count, best);
        }
      }
    }

    private void score(int first, int rows, Tensor part, int from, int count, TopK[] best) {
      // [rows, dims] x [count, dims] transposed -> [rows, count]
      Tensor out = scores.rows(0, rows * count).reshape(rows, count);
      backend.matmul(queries.rows(first, first + rows), false, part, true, 1, 0, out);
      float[] values = out.toFloats();
      IntStream.range(0, rows)
          .parallel()
          .forEach(row -> best[first + row].offer(values, row * count, count, from));
    }

    private float[] pack(float[][] rows, float[] into) {
      for (int i = 0; i < rows.length; i++) {
        if (rows[i].length != dims) {
          throw new IllegalArgumentException(
              "vectors have %d and %d dims".formatted(dims, rows[i].length));
        }
        System.arraycopy(rows[i], 0, into, i * dims, dims);
      }
      return into;
    }
  }
}
