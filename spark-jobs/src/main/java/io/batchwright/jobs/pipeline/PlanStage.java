package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.EpochPlans;
import io.batchwright.data.batch.MixedEpochs;
import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.batch.PlanSummary;
import io.batchwright.data.batch.RandomBatches;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.loss.LossInput;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Lays the batches of every epoch out as a table, then as Arrow shards: plan, shards/. */
final class PlanStage implements StageBody {
  static final String NAME = "plan";
  static final String SHARDS = "shards";
  static final String VALIDATION = "validation-shards";

  /** The metric that says how many epochs were planned. */
  static final String EPOCHS = "epochs_planned";

  private static final int VALIDATION_STEP = 256;

  private final PipelineRecipe recipe;
  private final String tokenizerSha256;

  PlanStage(PipelineRecipe recipe, String tokenizerSha256) {
    this.recipe = recipe;
    this.tokenizerSha256 = tokenizerSha256;
  }

  /** What the report shows of this stage. */
  record Planned(
      PlanSummary firstEpoch, long shardBytes, SortedMap<Integer, Long> samplesByLength) {}

  @Override
  public StageReport run(StageContext context) throws IOException {
    Dataset<Row> samples = context.read(BucketStage.TABLE);
    RefreshRecipe refresh = recipe.batches().refresh();
    MixedEpochs mixed =
        MixedEpochs.of(
            new PolicyColumns(recipe.batches(), recipe.seed()).first(),
            recipe.batches().mixture(),
            samples);
    EpochPlans planned =
        mixed.plan(recipe.epochs(0, refresh.plannedBefore(recipe.train().epochs()), 0));
    int epochs = planned.epochs();
    long each = mixed.each().orElse(context.rows(BucketStage.TABLE));
    Dataset<Row> plan = context.commit("plan", planned.rows());
    TrainingPairs.requirePlanned(context.rows("plan"), each);
    context.commit("removed_plan", planned.removed());
    context.progress().expect(epochs, "epochs");
    if (validates(context)) {
      context.commit(
          "validation_plan",
          validationPolicy()
              .plan(validationSamples(context), new PlanKey(recipe.seed(), 0))
              .rows());
    }
    long bytes = write(context, context.fingerprint(), epochs);
    context.artifact(SHARDS, SHARDS);
    return report(context, plan, samples, planned, each, bytes);
  }

  /**
   * Writes the shards of planned epochs again where they are gone, or there are more ranks now than
   * lanes.
   *
   * @param fingerprint of this stage
   */
  void layOut(StageContext context, String fingerprint, int epochs) throws IOException {
    String shards = new Path(context.dir(), SHARDS).toString();
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    if (!ShardManifest.exists(shards, 0, hadoop)
        || ShardManifest.read(shards, 0, hadoop).lanes() < recipe.lanes()) {
      context.progress().expect(epochs, "epochs");
      write(context, fingerprint, epochs);
    }
  }

  /** Writes what is planned; returns the bytes of the training shards. */
  private long write(StageContext context, String fingerprint, int epochs) throws IOException {
    ShardWriter writer = new ShardWriter(recipe, tokenizerSha256, fingerprint);
    Optional<Dataset<Row>> guide = new MinedNegatives(recipe.batches().negatives()).guide(context);
    Dataset<Row> tokens = context.read("tokens");
    if (validates(context) && context.rows("validation_plan") > 0) {
      ShardSource held = ShardSource.of(validationSamples(context), tokens, guide);
      Dataset<Row> plan = context.read("validation_plan");
      writer.write(plan, held, new Path(context.dir(), VALIDATION), 0);
    }
    ShardSource source = ShardSource.of(context.read(BucketStage.TABLE), tokens, guide);
    return writer.write(
        context.read("plan"),
        source,
        new Path(context.dir(), SHARDS),
        0,
        epochs,
        () -> context.progress().advance(1));
  }

  /**
   * Whether there are validation pairs; they are batched once by the same recipe, at random where
   * that looks at vectors, and not at all for a loss that needs mined negatives, which they have
   * not.
   */
  private boolean validates(StageContext context) {
    return context.rows("validation_samples") > 0
        && !recipe.train().loss().needs().contains(LossInput.NEGATIVES);
  }

  private Dataset<Row> validationSamples(StageContext context) {
    return recipe.batches().bucketing().assign(context.read("validation_samples"));
  }

  private BatchPolicy validationPolicy() {
    BatchPolicy policy = recipe.batches().policy();
    if (recipe.languageModel() && policy instanceof RandomBatches random) {
      // Every token set aside counts; a step is as large as training's, which is known to fit.
      return new RandomBatches(random.pairsPerStep(), false);
    }
    return policy.needs().isEmpty() ? policy : new RandomBatches(VALIDATION_STEP, false);
  }

  /**
   * The ledger counts a sample once for each epoch that draws it, and once where none does.
   *
   * @param each samples that an epoch draws
   */
  private StageReport report(
      StageContext context,
      Dataset<Row> plan,
      Dataset<Row> samples,
      EpochPlans planned,
      long each,
      long bytes) {
    int epochs = planned.epochs();
    long steps = planned.steps();
    long used = context.rows(BucketStage.TABLE);
    SortedMap<String, Long> removed = Reasons.count(context.read("removed_plan"));
    long counted = each * epochs + removed.getOrDefault(MixedEpochs.NOT_DRAWN, 0L);
    LedgerEntry ledger =
        LedgerEntry.of(NAME, used, context.rows("plan"))
            .with(removed, Map.of())
            .expandedBy(counted - used);
    PlanSummary first = PlanSummary.of(plan.where("epoch = 0"), samples);
    Map<String, Double> metrics =
        new TreeMap<>(
            recipe.batches().policy().figures(Math.toIntExact(each), recipe.train().epochs()));
    metrics.put("steps_planned", (double) steps);
    metrics.put(EPOCHS, (double) epochs);
    metrics.put("samples_per_epoch", (double) each);
    metrics.put("padding_waste", first.paddingWaste());
    metrics.put("shard_bytes", (double) bytes);
    metrics.put("sources_per_step", first.sourcesPerStep());
    Optional<Dataset<Row>> vectors =
        new PolicyColumns(recipe.batches(), recipe.seed()).vectors(context);
    Optional<PlanHardness> hardness =
        vectors.flatMap(known -> PlanHardness.of(plan.where("epoch = 0"), samples, known));
    hardness.map(PlanHardness::metrics).ifPresent(metrics::putAll);
    return StageReport.of(
            ledger,
            String.format(
                Locale.ROOT,
                "%,d steps in %d epochs%s, up to %,d %s a step; padding would waste %.1f %%; %.0f"
                    + " MB of shards in %d lanes",
                steps,
                epochs,
                each == used
                    ? ""
                    : String.format(Locale.ROOT, " of %,d of %,d samples", each, used),
                first.largestStep(),
                recipe.languageModel() ? "sequences" : "pairs",
                100 * first.paddingWaste(),
                bytes / 1e6,
                recipe.lanes()))
        .withMetrics(metrics)
        .withNotMeasured(
            vectors.isPresent() && hardness.isEmpty()
                ? Map.of("batch_hardness", "batches.clusters.embeddings has not every positive")
                : Map.of())
        .withDetails(Details.of(new Planned(first, bytes, lengths(samples))));
  }

  /**
   * How many samples have a total length in each range of 32 tokens, by the range's first length.
   */
  private static SortedMap<Integer, Long> lengths(Dataset<Row> samples) {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    samples
        .selectExpr(
            "cast(floor(aggregate(parts, 0, (s, p) -> s + p.length) / 32) * 32 as int) as length")
        .groupBy("length")
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
    return counts;
  }
}
