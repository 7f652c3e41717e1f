package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.ListSearch;
import io.batchwright.data.search.NeighbourSearch;
import java.util.Arrays;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The search that a recipe asks for: exact, or by lists of k-means over the documents.
 *
 * @param recipe similarity, candidates, lists and seed
 */
record DocumentSearch(MineRecipe recipe) {
  private static final int MEGABYTES = 128;
  private static final int ITERATIONS = 10;

  /** {@link NeighbourSearch#RESULT}. */
  Dataset<Row> search(EmbeddingTable queries, EmbeddingTable documents) {
    return recipe.lists().count() == 0
        ? exact().search(queries, documents)
        : new ListSearch(exact(), recipe.lists().probes())
            .search(queries, documents, centres(documents));
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
        recipe.kept(), recipe.similarity(), new ExactSearch(1024, 4096, false), MEGABYTES);
  }

  private float[][] centres(EmbeddingTable documents) {
    Dataset<Row> vectors =
        documents
            .rows()
            .orderBy("id")
            .select(functions.array_to_vector(col("embedding")).as("features"));
    Vector[] centres =
        new KMeans()
            .setK((int) Math.max(2, Math.min(recipe.lists().count(), documents.count())))
            .setMaxIter(ITERATIONS)
            .setSeed(recipe.seed())
            .setDistanceMeasure("cosine")
            .fit(vectors)
            .clusterCenters();
    return Arrays.stream(centres)
        .map(
            centre -> {
              float[] values = new float[centre.size()];
              for (int d = 0; d < values.length; d++) {
                values[d] = (float) centre.apply(d);
              }
              return values;
            })
        .toArray(float[][]::new);
  }
}
