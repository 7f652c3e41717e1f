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
 * queryTile * documentTile} floats, {@code 2 k} numbers a query, and of the queries 64 MB at most
 * once more: so many go through all documents together. Every product has the full size of a tile,
 * so that a pair's score does not depend on where in the sets its vectors stand, and equal vectors
 * have equal scores. Equal scores rank by document ordinal. Where the host cannot see the scores,
 * as on a GPU, the best are kept there and copied at the end.
 *
 * @param queryTile queries multiplied at once, at least 1; on a CPU {@value #HOST_QUERIES} at most
 * @param documentTile documents multiplied at once, at least 1, in blocks of {@value
 *     KeptOnHost#BLOCK}; on a CPU {@value #HOST_DOCUMENTS} at most
 * @param parallel whether the rows of a tile are searched by all cores; off inside of a Spark task
 */
public record ExactSearch(int queryTile, int documentTile, boolean parallel)
    implements Serializable {
  /** Tiles of 1,024 queries and 4,096 documents, on all cores. */
  public static final ExactSearch DEFAULTS = new ExactSearch(1024, 4096, true);

  /** Sides of a product on a host: its scores are looked through while a cache holds them. */
  private static final int HOST_QUERIES = 256;

  private static final int HOST_DOCUMENTS = 512;

  /** Numbers of query vectors that are kept as tiles: 64 MB. */
  private static final long MOST_KEPT = 1 << 24;

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
      boolean hidden = arena.allocate("seen", DType.F32, 1).view(0, 0).isEmpty();
      int atOnce = hidden ? queryTile : Math.min(queryTile, HOST_QUERIES);
      int against = hidden ? documentTile : Math.min(documentTile, HOST_DOCUMENTS);
      int rows = Math.min(atOnce, queries.count());
      int columns = blocks(Math.min(against, documents.count()));
      int all = (queries.count() + rows - 1) / rows;
      int fit = Math.max(1, (int) Math.min(all, MOST_KEPT / ((long) rows * queries.dims())));
      Tiles tiles =
          new Tiles(
              new Side("query", queries, rows, fit, backend, arena),
              new Side("document", documents, columns, 1, backend, arena),
              arena.allocate("scores", DType.F32, rows, columns));
      KeptBest kept =
          hidden && most <= SearchKernels.MOST_KEPT
              ? new KeptOnDevice(backend, arena, queries.count(), most)
              : new KeptOnHost(backend, arena, queries.count(), most, tiles.scores, parallel);
      tiles.scan(backend, similarity, kept);
      return kept.best();
    }
  }

  /**
   * The buffers of one search.
   *
   * @param scores [Tq, Td]
   */
  private record Tiles(Side queries, Side documents, Tensor scores) {
    /** As many queries as are kept go through all documents, then the next. */
    void scan(Backend backend, Similarity similarity, KeptBest kept) {
      int together = queries.tile * queries.tiles.length;
      for (int q = 0; q < queries.rows.count(); q += together) {
        scan(backend, similarity, kept, q, Math.min(queries.rows.count(), q + together));
      }
    }

    private void scan(Backend backend, Similarity similarity, KeptBest kept, int from, int to) {
      for (int d = 0; d < documents.rows.count(); d += documents.tile) {
        Tensor right = documents.load(d, similarity);
        for (int q = from; q < to; q += queries.tile) {
          // [Tq, D] x [Td, D] transposed -> [Tq, Td]
          backend.matmul(queries.load(q, similarity), false, right, true, 1, 0, scores);
          kept.offer(scores, q, d, Math.min(documents.tile, documents.rows.count() - d));
        }
      }
    }
  }

  /** One side's tiles, of which the last loaded are kept; rows past the end are zeros. */
  private static final class Side {
    /** Squares of vectors longer than this, or shorter than its inverse, leave float32's range. */
    private static final float EXTREME = 1e18f;

    private final String name;
    private final VectorRows rows;
    private final int tile;
    private final int dims;
    private final Backend backend;
    private final Tensor[] tiles;
    private final int[] loaded;
    private final Tensor lengths;
    private final float[] packed;
    private final float[] norms;

    Side(String name, VectorRows rows, int tile, int kept, Backend backend, Arena arena) {
      this.name = name;
      this.rows = rows;
      this.tile = tile;
      this.dims = rows.dims();
      this.backend = backend;
      this.tiles = new Tensor[kept];
      Arrays.setAll(tiles, i -> arena.allocate(name + " tile", DType.F32, tile, dims));
      this.loaded = new int[kept];
      Arrays.fill(loaded, -1);
      this.lengths = arena.allocate(name + " lengths", DType.F32, tile);
      this.packed = new float[Math.multiplyExact(tile, dims)];
      this.norms = new float[tile];
    }

    /** The tile that starts at {@code from}: [tile, D]. */
    Tensor load(int from, Similarity similarity) {
      int place = from / tile % tiles.length;
      if (loaded[place] != from) {
        fill(tiles[place], from, similarity);
        loaded[place] = from;
      }
      return tiles[place];
    }

    private void fill(Tensor to, int from, Similarity similarity) {
      int count = Math.min(tile, rows.count() - from);
      rows.copy(from, from + count, packed);
      Arrays.fill(packed, count * dims, packed.length, 0);
      to.copyFrom(packed);
      if (!backend.allFinite(to)) {
        throw notFinite(from, count);
      }
      if (similarity == Similarity.COSINE) {
        backend.l2Normalize(to, lengths, to);
        lengths.copyTo(norms);
        for (int i = 0; i < count; i++) {
          if (!(norms[i] > 1 / EXTREME && norms[i] < EXTREME)) {
            normalizeExtreme(i, to.rows(i, i + 1));
          }
        }
      }
    }

    private IllegalArgumentException notFinite(int from, int count) {
      int at = 0;
      while (at < count * dims && Float.isFinite(packed[at])) {
        at++;
      }
      return new IllegalArgumentException(
          "the vector of %s %d holds a number that is not finite"
              .formatted(name, from + at / dims));
    }

    private void normalizeExtreme(int row, Tensor to) {
      double squares = 0;
      for (int i = row * dims; i < (row + 1) * dims; i++) {
        squares += (double) packed[i] * packed[i];
      }
      if (squares > 0) {
        float[] unit = new float[dims];
        for (int d = 0; d < dims; d++) {
          unit[d] = (float) (packed[row * dims + d] / Math.sqrt(squares));
        }
        to.copyFrom(unit);
      }
    }
  }

  /** Up to whole blocks of scores. */
  private static int blocks(int documents) {
    return (documents + KeptOnHost.BLOCK - 1) / KeptOnHost.BLOCK * KeptOnHost.BLOCK;
  }
}
