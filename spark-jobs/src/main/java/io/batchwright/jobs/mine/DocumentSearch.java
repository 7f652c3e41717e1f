package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.cluster.KMeans;
import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.ListSearch;
import io.batchwright.data.search.NeighbourSearch;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The search that a recipe asks for: exact, or by lists of k-means over the documents.
 *
 * @param recipe similarity, lists and seed
 * @param kept documents of each query
 */
record DocumentSearch(MineRecipe recipe, int kept) {
  private static final int MEGABYTES = 128;
  private static final int ITERATIONS = 10;

  /**
   * {@link NeighbourSearch#RESULT}.
   *
   * @param centres of {@link #centres}
   */
  Dataset<Row> search(
      EmbeddingTable queries, EmbeddingTable documents, Optional<float[][]> centres) {
    return centres
        .map(lists -> lists().search(queries, documents, lists))
        .orElseGet(() -> exact().search(queries, documents));
  }

  /** How many documents each list holds. */
  long[] sizes(EmbeddingTable documents, float[][] centres) {
    return lists().sizes(documents, centres);
  }

  private ListSearch lists() {
    return new ListSearch(exact(), recipe.lists().probes());
  }

  /**
   * The share of the exact search's results that {@code found} holds, for the first queries by
   * hash; 1 for an exact search.
   *
   * @param found the committed result of {@link #search}
   */
  double recall(Dataset<Row> found, EmbeddingTable queries, EmbeddingTable documents) {
    if (recipe.lists().count() == 0) {
      return 1;
    }
    Dataset<Row> some =
        queries
            .rows()
            .orderBy(xxhash64(col("id")), col("id"))
            .limit(recipe.lists().recallQueries())
            .persist();
    try {
      Dataset<Row> expected =
          exact()
              .search(EmbeddingTable.check("queries", some), documents)
              .select("query_id", "doc_id")
              .persist();
      long all = expected.count();
      long met =
          expected
              .join(found.select("query_id", "doc_id"), new String[] {"query_id", "doc_id"})
              .count();
      expected.unpersist();
      return (double) met / all;
    } finally {
      some.unpersist();
    }
  }

  private NeighbourSearch exact() {
    return new NeighbourSearch(
        kept, recipe.similarity(), new ExactSearch(1024, 4096, false), MEGABYTES);
  }

  /** The centres of the lists, [lists, D]; empty where the search is exact. */
  Optional<float[][]> centres(EmbeddingTable documents) {
    if (recipe.lists().count() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new KMeans(recipe.lists().count(), ITERATIONS, true, recipe.seed())
            .centres(documents.rows(), "id", "embedding"));
  }
}
