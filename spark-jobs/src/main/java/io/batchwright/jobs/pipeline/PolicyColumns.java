package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.SampleColumn;
import io.batchwright.data.cluster.KMeans;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.mixture.Proportional;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.StageContext;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/** Gives samples the columns that a batch policy reads: vectors, and clusters by k-means. */
record PolicyColumns(BatchesRecipe recipe, long seed) {
  private static final Set<SampleColumn> VECTORS =
      Set.of(SampleColumn.EMBEDDING, SampleColumn.POSITIVE_EMBEDDING, SampleColumn.CLUSTER);

  /** Ends the task that meets such a sample, so that no job has to look for one beforehand. */
  private static final UserDefinedFunction WITHOUT_VECTOR =
      udf(
          (UDF1<String, float[]>)
              sample -> {
                throw BatchwrightException.data(
                    "The vectors of batches.clusters lack a text of sample %s.".formatted(sample));
              },
          DataTypes.createArrayType(DataTypes.FloatType));

  /**
   * Requires that what the policy needs is named.
   *
   * @throws BatchwrightException with exit code 2 if it is not
   */
  void require() {
    BatchPolicy policy = recipe.policy();
    if (policy.needs().contains(SampleColumn.MARGIN)) {
      requireScoredPairs(policy);
    }
    if (!(recipe.mixture() instanceof Proportional)) {
      requireMixable(policy);
    }
    if (recipe.refresh().on()) {
      requireRefreshable();
    }
    if (looksAtVectors(first()) && recipe.clusters().embeddings().isEmpty()) {
      throw BatchwrightException.usage(
          "batches.policy: %s needs vectors of the texts: run batchwright encode on the same corpus and set batches.clusters.embeddings."
              .formatted(policy.getClass().getSimpleName()));
    }
  }

  /**
   * What plans before the first refresh: random batches where the recipe's policy needs vectors and
   * there are none yet.
   */
  BatchPolicy first() {
    BatchPolicy policy = recipe.policy();
    boolean wait = recipe.refresh().on() && recipe.clusters().embeddings().isEmpty();
    return wait && looksAtVectors(policy) ? policy.withoutVectors() : policy;
  }

  /** The vectors that the first epochs' policy looked at, {@code text_id, embedding}; or none. */
  Optional<Dataset<Row>> vectors(StageContext context) {
    return looksAtVectors(first()) ? Optional.of(named(context)) : Optional.empty();
  }

  private Dataset<Row> named(StageContext context) {
    return TextVectors.read(context, "embeddings", recipe.clusters().embeddings());
  }

  private static boolean looksAtVectors(BatchPolicy policy) {
    return !Collections.disjoint(policy.needs(), VECTORS);
  }

  private void requireMixable(BatchPolicy policy) {
    if (drawsPairs(policy)) {
      throw BatchwrightException.usage(
          "batches.mixture must be Proportional beside %s, which draws pairs of a query itself."
              .formatted(policy.getClass().getSimpleName()));
    }
    if (recipe.refresh().on()) {
      throw BatchwrightException.usage(
          "batches.mixture must be Proportional where batches.refresh.mode is set.");
    }
  }

  private void requireRefreshable() {
    if (!recipe.negatives().teacherScores().isEmpty()) {
      throw BatchwrightException.usage(
          "batches.refresh.mode must be none where batches.negatives.teacherScores are read: nobody"
              + " has scored negatives that are yet to be mined.");
    }
    if (!recipe.negatives().mined() && !looksAtVectors(recipe.policy())) {
      throw BatchwrightException.usage(
          "batches.refresh.mode must be none where neither batches.policy looks at vectors nor"
              + " batches.negatives.from names mined negatives: there is nothing to refresh.");
    }
    if (recipe.refresh().fromBank()) {
      requireBankSuffices();
    }
  }

  private void requireBankSuffices() {
    BatchPolicy policy = recipe.policy();
    if (recipe.negatives().mined() || policy.needs().contains(SampleColumn.POSITIVE_EMBEDDING)) {
      throw BatchwrightException.usage(
          "batches.refresh.vectors must be encoder where negatives are mined anew or the policy"
              + " looks at positives: the memory bank holds queries alone.");
    }
    if (recipe.refresh().mode() != RefreshMode.SYNCHRONOUS) {
      throw BatchwrightException.usage(
          "batches.refresh.mode must be synchronous with vectors of the memory bank, which are"
              + " there when an epoch ends.");
    }
  }

  private void requireScoredPairs(BatchPolicy policy) {
    NegativesRecipe negatives = recipe.negatives();
    if (negatives.teacherScores().isEmpty()) {
      throw BatchwrightException.usage(
          "batches.policy: %s needs a teacher's scores of mined pairs: set batches.negatives.from and batches.negatives.teacherScores."
              .formatted(policy.getClass().getSimpleName()));
    }
    if (negatives.perSample() < 2) {
      throw BatchwrightException.usage(
          "batches.negatives.perSample must be at least 2, the negatives of a query that %s draws from, got %d."
              .formatted(policy.getClass().getSimpleName(), negatives.perSample()));
    }
  }

  /** Whether the policy draws from pairs, so that each mined negative makes a sample. */
  static boolean drawsPairs(BatchPolicy policy) {
    return policy.needs().contains(SampleColumn.MARGIN);
  }

  /** {@code samples} with the columns that the first epochs' policy needs. */
  Dataset<Row> addTo(StageContext context, Dataset<Row> samples) {
    return addTo(context, samples, first(), () -> named(context));
  }

  /**
   * {@code samples} with the columns that a policy needs.
   *
   * @param vectors {@code text_id, embedding}, asked for where they are needed
   */
  Dataset<Row> addTo(
      StageContext context,
      Dataset<Row> samples,
      BatchPolicy policy,
      Supplier<Dataset<Row>> vectors) {
    Set<SampleColumn> needs = policy.needs();
    Dataset<Row> columns = samples;
    if (needs.contains(SampleColumn.LABEL)) {
      columns = labelled(context, columns);
    }
    if (needs.contains(SampleColumn.MARGIN)) {
      columns =
          columns.withColumn(
              SampleColumn.MARGIN.column(),
              expr(scoreOf("positive") + " - " + scoreOf("negative")).cast("float"));
    }
    return Collections.disjoint(needs, VECTORS)
        ? columns
        : withVectors(vectors.get(), columns, needs);
  }

  private static String scoreOf(String role) {
    return "element_at(filter(parts, p -> p.role = '%s'), 1).score".formatted(role);
  }

  /** {@code samples} as they were before their vectors and clusters were added. */
  static Dataset<Row> withoutVectors(Dataset<Row> samples) {
    return samples.drop(VECTORS.stream().map(SampleColumn::column).toArray(String[]::new));
  }

  /** The label of a sample is the group of its query. */
  private static Dataset<Row> labelled(StageContext context, Dataset<Row> samples) {
    Dataset<Row> labels =
        context
            .read("texts")
            .where(col("kind").equalTo(TextIds.QUERY))
            .join(
                context
                    .read(CorpusStage.QUERIES)
                    .select(
                        col("query_id").as("id"), col("group_id").as(SampleColumn.LABEL.column())),
                "id")
            .select(col("text_id"), col(SampleColumn.LABEL.column()));
    Dataset<Row> labelled =
        samples
            .withColumn("text_id", textOf("query"))
            .join(labels, new String[] {"text_id"}, "left")
            .drop("text_id");
    Dataset<Row> missing = labelled.where(col(SampleColumn.LABEL.column()).isNull());
    if (!missing.isEmpty()) {
      throw BatchwrightException.data(
          "batches.policy groups samples by the group_id of their queries, and sample %s has none."
              .formatted(missing.orderBy("sample_id").head().<String>getAs("sample_id")));
    }
    return labelled;
  }

  /** The text of a sample's part with this role. */
  static Column textOf(String role) {
    return expr("element_at(filter(parts, p -> p.role = '%s'), 1).text_id".formatted(role));
  }

  private Dataset<Row> withVectors(
      Dataset<Row> vectors, Dataset<Row> samples, Set<SampleColumn> needs) {
    Dataset<Row> columns = samples;
    if (needs.contains(SampleColumn.EMBEDDING) || needs.contains(SampleColumn.CLUSTER)) {
      columns = joined(columns, vectors, "query", SampleColumn.EMBEDDING.column());
    }
    if (needs.contains(SampleColumn.POSITIVE_EMBEDDING)) {
      columns = joined(columns, vectors, "positive", SampleColumn.POSITIVE_EMBEDDING.column());
    }
    return needs.contains(SampleColumn.CLUSTER) ? clustered(columns) : columns;
  }

  private static Dataset<Row> joined(
      Dataset<Row> samples, Dataset<Row> vectors, String role, String column) {
    return samples
        .withColumn("text_id", textOf(role))
        .join(
            vectors.select(col("text_id"), col("embedding").cast("array<float>").as(column)),
            new String[] {"text_id"},
            "left")
        .withColumn(
            column,
            when(col(column).isNull(), WITHOUT_VECTOR.apply(col("sample_id")))
                .otherwise(col(column)))
        .drop("text_id");
  }

  private Dataset<Row> clustered(Dataset<Row> samples) {
    String embedding = SampleColumn.EMBEDDING.column();
    Dataset<Row> ofQueries =
        samples
            .withColumn(
                "turn", row_number().over(Window.partitionBy("equal_hash").orderBy("sample")))
            .where(col("turn").equalTo(1));
    ClustersRecipe clusters = recipe.clusters();
    KMeans kMeans = new KMeans(clusters.count(), clusters.iterations(), false, seed);
    float[][] centres = kMeans.centres(ofQueries, "sample", embedding);
    return centres.length == 0
        ? samples.withColumn(SampleColumn.CLUSTER.column(), lit(0)).drop(embedding)
        : kMeans
            .assigned(samples, embedding, centres, SampleColumn.CLUSTER.column())
            .drop(embedding);
  }
}
