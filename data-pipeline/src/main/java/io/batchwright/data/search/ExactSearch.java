package io.batchwright.data.search;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.SearchKernels;
import io.batchwright.technique.Check;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Exact nearest neighbours: every query against every document, by matrix products.
 *
 * <p>Both sides are cut into tiles; a tile's scores are one product, and each query keeps its best
 * documents so far. Memory beyond the vectors is {@code (queryTile + documentTile) * dims +
 * queryTile * documentTile} floats and {@code 2 k} numbers a query. Every product has the full size
 * of a tile, so that a pair's score does not depend on where in the sets its vectors stand, and
 * equal vectors have equal scores. Equal scores rank by document ordinal. Where the host cannot see
 * the scores, as on a GPU, the best are kept there and copied at the end.
 *
 * @param queryTile queries multiplied at once, at least 1
 * @param documentTile documents multiplied at once, at least 1
 * @param parallel whether the rows of a tile are searched by all cores; off inside of a Spark task
 */
public record ExactSearch(int queryTile, int documentTile, boolean parallel)
    implements Serializable {
  /** Tiles of 1,024 queries and 4,096 documents, on all cores. */
  public static final ExactSearch DEFAULTS = new ExactSearch(1024, 4096, true);

  /** Checks the ranges. */
  public ExactSearch {
    Check.atLeast("ExactSearch.queryTile", queryTile, 1);
    Check.atLeast("ExactSearch.documentTile", documentTile, 1);
  }

  /**
   * The best {@code k} documents of each query; all of them where there are fewer.
   *
   * @param queries [Q, D]
   * @param documents [N, D]
   * @return a result for each query, in their order
   * @throws IllegalArgumentException if dims differ or a number is not finite
   */
  public TopK.Best[] search(
      Backend backend, VectorRows queries, VectorRows documents, Similarity similarity, int k) {
    Check.atLeast("ExactSearch.k", k, 1);
    if (queries.count() == 0 || documents.count() == 0) {
      TopK.Best[] none = new TopK.Best[queries.count()];
      Arrays.fill(none, new TopK.Best(new int[0], new float[0]));
      return none;
    }
    if (queries.dims() != documents.dims()) {
      throw new IllegalArgumentException(
          "queries have %d dims and documents %d".formatted(queries.dims(), documents.dims()));
    }
    int most = Math.min(k, documents.count());
    try (Arena arena = backend.arena("exact search")) {
      Tiles tiles = new Tiles(backend, arena, queries, documents, similarity);
      boolean hidden = tiles.scores.view(0, 0).isEmpty();
      KeptBest kept =
          hidden && most <= SearchKernels.MOST_KEPT
              ? new KeptOnDevice(backend, arena, queries.count(), most)
              : new KeptOnHost(queries.count(), most, tiles.scores, parallel);
      tiles.scan(kept);
      return kept.best();
    }
  }

  /** The buffers of one search. */
  private final class Tiles {
    private final Backend backend;
    private final Similarity similarity;
    private final Side queries;
    private final Side documents;
    private final Tensor scores;

    Tiles(
        Backend backend,
        Arena arena,
        VectorRows queries,
        VectorRows documents,
        Similarity similarity) {
      this.backend = backend;
      this.similarity = similarity;
      this.queries = new Side("query", queries, Math.min(queryTile, queries.count()), arena);
      this.documents =
          new Side("document", documents, Math.min(documentTile, documents.count()), arena);
      this.scores =
          arena.allocate("scores", DType.F32, this.queries.tile, this.documents.tile); // [Tq, Td]
    }

    void scan(KeptBest kept) {
      for (int d = 0; d < documents.rows.count(); d += documents.tile) {
        int documentCount = documents.load(d, similarity);
        for (int q = 0; q < queries.rows.count(); q += queries.tile) {
          if (d == 0 || queries.rows.count() > queries.tile) {
            queries.load(q, similarity);
          }
          // [Tq, D] x [Td, D] transposed -> [Tq, Td]
          backend.matmul(queries.tensor, false, documents.tensor, true, 1, 0, scores);
          kept.offer(scores, q, d, documentCount);
        }
      }
    }
  }

  /** One side's current tile; rows past the end are zeros. */
  private static final class Side {
    private final String name;
    private final VectorRows rows;
    private final int tile;
    private final int dims;
    private final Tensor tensor;
    private final float[] packed;
    private final float[] vector;

    Side(String name, VectorRows rows, int tile, Arena arena) {
      this.name = name;
      this.rows = rows;
      this.tile = tile;
      this.dims = rows.dims();
      this.tensor = arena.allocate(name + " tile", DType.F32, tile, dims);
      this.packed = new float[Math.multiplyExact(tile, dims)];
      this.vector = new float[dims];
    }

    /** Loads the tile that starts at {@code from}; returns how many of its rows are real. */
    int load(int from, Similarity similarity) {
      int count = Math.min(tile, rows.count() - from);
      rows.copy(from, from + count, packed);
      Arrays.fill(packed, count * dims, packed.length, 0);
      for (int i = 0; i < count; i++) {
        System.arraycopy(packed, i * dims, vector, 0, dims);
        double norm = norm(from + i);
        if (similarity == Similarity.COSINE && norm > 0) {
          scale(vector, 1 / norm);
          System.arraycopy(vector, 0, packed, i * dims, dims);
        }
      }
      tensor.copyFrom(packed);
      return count;
    }

    /** Of the vector at hand; four sums side by side, since one alone waits for itself. */
    private double norm(int row) {
      double first = 0;
      double second = 0;
      double third = 0;
      double fourth = 0;
      int d = 0;
      for (; d + 3 < dims; d += 4) {
        first += (double) vector[d] * vector[d];
        second += (double) vector[d + 1] * vector[d + 1];
        third += (double) vector[d + 2] * vector[d + 2];
        fourth += (double) vector[d + 3] * vector[d + 3];
      }
      for (; d < dims; d++) {
        first += (double) vector[d] * vector[d];
      }
      double squares = (first + second) + (third + fourth);
      if (!Double.isFinite(squares)) {
        throw new IllegalArgumentException(
            "the vector of %s %d holds a number that is not finite".formatted(name, row));
      }
      return Math.sqrt(squares);
    }

    private static void scale(float[] vector, double factor) {
      for (int d = 0; d < vector.length; d++) {
        vector[d] = (float) (vector[d] * factor);
      }
    }
  }
}
