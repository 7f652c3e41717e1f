package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.SampleColumn;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.StageContext;
import java.util.Arrays;
import java.util.Set;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Gives samples the columns that a batch policy reads: vectors, and clusters by MLlib's k-means.
 */
record PolicyColumns(BatchesRecipe recipe, long seed) {
  private static final String VECTOR = "vector";

  /**
   * Requires that what the policy needs is named.
   *
   * @throws BatchwrightException with exit code 2 if it is not
   */
  void require() {
    BatchPolicy policy = recipe.policy();
    if (!policy.needs().isEmpty() && recipe.clusters().embeddings().isEmpty()) {
      throw BatchwrightException.usage(
          "batches.policy: %s needs vectors of the texts: run batchwright encode on the same corpus and set batches.clusters.embeddings."
              .formatted(policy.getClass().getSimpleName()));
    }
  }

  /** {@code samples} with the columns that the policy needs. */
  Dataset<Row> addTo(StageContext context, Dataset<Row> samples) {
    Set<SampleColumn> needs = recipe.policy().needs();
    if (needs.isEmpty()) {
      return samples;
    }
    Dataset<Row> vectors = TextVectors.read(context, "embeddings", recipe.clusters().embeddings());
    Dataset<Row> columns = samples;
    if (needs.contains(SampleColumn.EMBEDDING) || needs.contains(SampleColumn.CLUSTER)) {
      columns = joined(columns, vectors, "query", SampleColumn.EMBEDDING.column());
    }
    if (needs.contains(SampleColumn.POSITIVE_EMBEDDING)) {
      columns = joined(columns, vectors, "positive", SampleColumn.POSITIVE_EMBEDDING.column());
    }
    requireVectors(columns, samples);
    return needs.contains(SampleColumn.CLUSTER) ? clustered(columns) : columns;
  }

  private static Dataset<Row> joined(
      Dataset<Row> samples, Dataset<Row> vectors, String role, String column) {
    return samples
        .withColumn(
            "text_id",
            expr("element_at(filter(parts, p -> p.role = '%s'), 1).text_id".formatted(role)))
        .join(
            vectors.select(col("text_id"), col("embedding").cast("array<float>").as(column)),
            new String[] {"text_id"},
            "left")
        .drop("text_id");
  }

  private static void requireVectors(Dataset<Row> columns, Dataset<Row> samples) {
    for (String column : columns.columns()) {
      if (Arrays.asList(samples.columns()).contains(column)) {
        continue;
      }
      Dataset<Row> missing = columns.where(col(column).isNull());
      if (!missing.isEmpty()) {
        throw BatchwrightException.data(
            "batches.clusters.embeddings lacks a text of sample %s."
                .formatted(missing.orderBy("sample_id").head().<String>getAs("sample_id")));
      }
    }
  }

  private Dataset<Row> clustered(Dataset<Row> samples) {
    Dataset<Row> vectors =
        samples
            .withColumn(VECTOR, functions.array_to_vector(col(SampleColumn.EMBEDDING.column())))
            .orderBy("sample")
            .persist();
    try {
      long queries = vectors.select("equal_hash").distinct().count();
      return new KMeans()
          .setK((int) Math.max(2, Math.min(recipe.clusters().count(), queries)))
          .setMaxIter(recipe.clusters().iterations())
          .setSeed(seed)
          .setFeaturesCol(VECTOR)
          .setPredictionCol(SampleColumn.CLUSTER.column())
          .fit(vectors)
          .transform(vectors)
          .drop(VECTOR, SampleColumn.EMBEDDING.column());
    } finally {
      vectors.unpersist();
    }
  }
}
