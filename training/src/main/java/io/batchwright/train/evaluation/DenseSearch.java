package io.batchwright.train.evaluation;

import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.TopK;
import io.batchwright.data.search.VectorRows;
import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;

/**
 * Exact nearest neighbours by inner product, which is the cosine where vectors have unit length, as
 * {@link ExactSearch} finds them.
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
    VectorRows queryRows = VectorRows.of(queryVectors);
    TopK.Best[] best =
        new ExactSearch(queryTile, documentTile, true)
            .search(
                backend,
                queryRows,
                new Lazy(vectors, documents.size(), queryRows.dims()),
                Similarity.INNER_PRODUCT,
                k);
    int[][] ranked = new int[best.length][];
    float[][] scores = new float[best.length][];
    for (int q = 0; q < best.length; q++) {
      ranked[q] = best[q].documents();
      scores[q] = best[q].scores();
    }
    return Rankings.of(queries, documents, ranked, scores);
  }

  /** Documents encoded when a tile asks for them. */
  private record Lazy(Vectors vectors, int count, int dims) implements VectorRows {
    @Override
    public void copy(int from, int to, float[] into) {
      VectorRows.pack(vectors.between(from, to), 0, to - from, dims, into);
    }
  }
}
