package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.batchwright.data.bucket.Bucketing;
import io.batchwright.data.bucket.PaddingWaste;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Adds mined negatives and what the batch policy reads, and sorts samples of like size together:
 * samples to bucketed_samples.
 */
final class BucketStage implements StageBody {
  static final String NAME = "buckets";
  static final String TABLE = "bucketed_samples";

  private final PipelineRecipe recipe;

  BucketStage(PipelineRecipe recipe) {
    this.recipe = recipe;
  }

  @Override
  public StageReport run(StageContext context) {
    TrainingPairs.require(context.rows("samples"), context.rows(CorpusStage.QUERIES));
    Optional<Outcome> mined =
        new MinedNegatives(recipe.batches().negatives())
            .addTo(
                context,
                context.read("samples"),
                PolicyColumns.drawsPairs(recipe.batches().policy()));
    Dataset<Row> known =
        new PolicyColumns(recipe.batches(), recipe.seed())
            .addTo(context, mined.map(Outcome::kept).orElseGet(() -> context.read("samples")));
    Dataset<Row> samples = context.commit(TABLE, recipe.batches().bucketing().assign(known));
    SortedMap<String, Long> dropped =
        mined
            .map(outcome -> Reasons.count(context.commit("removed_buckets", outcome.removed())))
            .orElseGet(TreeMap::new);
    requireSome(context.rows(TABLE), dropped);
    List<Row> buckets =
        samples
            .withColumn("total", Bucketing.totalLength())
            .groupBy("bucket")
            .agg(
                count(lit(1)),
                coalesce(sum("total"), lit(0L)),
                coalesce(max("total"), lit(0)).cast("bigint"))
            .orderBy(col("bucket"))
            .collectAsList();
    long tokens = buckets.stream().mapToLong(row -> row.getLong(2)).sum();
    long padded = buckets.stream().mapToLong(row -> row.getLong(1) * row.getLong(3)).sum();
    Map<String, Double> metrics = new TreeMap<>(ClusterSizes.of(samples));
    metrics.put("buckets", (double) buckets.size());
    metrics.put("bucket_padding_waste", PaddingWaste.share(tokens, padded));
    LedgerEntry ledger =
        LedgerEntry.of(NAME, context.rows("samples"), context.rows(TABLE))
            .with(dropped, Map.of())
            .expandedBy(expanded(context, samples));
    return StageReport.of(
            ledger,
            String.format(
                Locale.ROOT,
                "%,d samples in %d buckets, up to %s tokens; padded to their bucket's longest they"
                    + " would waste %.1f %%",
                ledger.out(),
                buckets.size(),
                String.join(
                    ", ", buckets.stream().map(row -> Long.toString(row.getLong(3))).toList()),
                100 * PaddingWaste.share(tokens, padded)))
        .withMetrics(metrics);
  }

  /** How many samples more there are because each mined negative makes one. */
  private long expanded(StageContext context, Dataset<Row> samples) {
    if (!PolicyColumns.drawsPairs(recipe.batches().policy())) {
      return 0;
    }
    return context.rows(TABLE)
        - samples
            .select(PolicyColumns.textOf("query"), PolicyColumns.textOf("positive"))
            .distinct()
            .count();
  }

  private void requireSome(long left, SortedMap<String, Long> dropped) {
    if (left == 0) {
      throw BatchwrightException.data(
          "No sample has %d mined negatives: %s. Lower batches.negatives.perSample, or mine more."
              .formatted(recipe.batches().negatives().perSample(), dropped));
    }
  }
}
