package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.trim;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.EpochPlans;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.negative.NegativeParts;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.mine.NegativesRefresh;
import io.batchwright.jobs.model.EncodeRecipe;
import io.batchwright.jobs.model.EncodedTexts;
import io.batchwright.jobs.model.ShippedModel;
import io.batchwright.jobs.run.StageContext;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Batches of later epochs, made with the weights of the model that trains: refreshed_embeddings_E
 * where texts are encoded, refreshed_negatives_E and refreshed_samples_E where negatives are mined,
 * refreshed_plan_E, removed_refresh_E (E the first of the epochs), and their shards.
 *
 * <p>What a refresh does not change is not written again: without mined negatives the samples are
 * those of the first epochs.
 */
final class RefreshedEpochs {
  private final PipelineRecipe recipe;
  private final String tokenizerSha256;

  /** Of samples that no refresh changes, looked at by the first. */
  private Optional<ShardSource> unchanged = Optional.empty();

  RefreshedEpochs(PipelineRecipe recipe, String tokenizerSha256) {
    this.recipe = recipe;
    this.tokenizerSha256 = tokenizerSha256;
  }

  static String planTable(int epoch) {
    return "refreshed_plan_%05d".formatted(epoch);
  }

  private static String vectorTable(int epoch) {
    return "refreshed_embeddings_%05d".formatted(epoch);
  }

  static String removedTable(int epoch) {
    return "removed_refresh_%05d".formatted(epoch);
  }

  private static String negativesTable(int epoch) {
    return "refreshed_negatives_%05d".formatted(epoch);
  }

  private static String samplesTable(int epoch) {
    return "refreshed_samples_%05d".formatted(epoch);
  }

  /**
   * The end of the epochs from {@code epoch} on that were made with these weights and are written,
   * in however many lanes; {@code epoch} itself where they have yet to be made.
   */
  int written(StageContext context, int epoch, RefreshWeights weights) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    String shards = new Path(context.dir(), PlanStage.SHARDS).toString();
    boolean made =
        ShardManifest.exists(shards, epoch, hadoop)
            && ShardManifest.read(shards, epoch, hadoop)
                .planFingerprint()
                .equals(writer(context, weights).fingerprint(epoch));
    return made ? context.read(planTable(epoch)).agg(max("epoch")).head().getInt(0) + 1 : epoch;
  }

  /**
   * Writes the shards of epochs that are planned, unless they are there in as many lanes as are
   * wanted now. The plan stays, so that a checkpoint's place in it means the same steps.
   *
   * @param end as {@link #written} says
   */
  void layOut(StageContext context, int epoch, int end, RefreshWeights weights) throws IOException {
    Dataset<Row> plan = context.read(planTable(epoch));
    ShardWriter writer = writer(context, weights);
    Path shards = new Path(context.dir(), PlanStage.SHARDS);
    writer.write(plan, source(context, epoch), shards, epoch, end, () -> {});
  }

  private ShardSource source(StageContext context, int epoch) {
    ShardSource source =
        unchanged.orElseGet(
            () ->
                ShardSource.of(
                    samples(context, epoch),
                    context.read("tokens"),
                    new MinedNegatives(recipe.batches().negatives()).guide(context)));
    if (!recipe.batches().negatives().mined()) {
      unchanged = Optional.of(source);
    }
    return source;
  }

  /** What is planned, without what a policy reads of it. */
  private Dataset<Row> samples(StageContext context, int epoch) {
    return recipe.batches().negatives().mined()
        ? context.read(samplesTable(epoch))
        : PolicyColumns.withoutVectors(context.read(BucketStage.TABLE));
  }

  /**
   * Makes and writes the epochs from {@code epoch} to before {@code to}.
   *
   * @param before steps of the epochs before {@code epoch}
   * @return the end of the epochs written, earlier than {@code to} where the recipe's steps end
   */
  int write(StageContext context, int epoch, int to, long before, RefreshWeights weights)
      throws IOException {
    Dataset<Row> embeddings =
        recipe.batches().refresh().fromBank()
            ? banked(context, epoch)
            : encoded(context, epoch, weights.model().orElseThrow());
    Optional<Outcome> mined = mined(context, epoch, embeddings);
    mined.ifPresent(
        outcome ->
            context.commit(
                samplesTable(epoch), recipe.batches().bucketing().assign(outcome.kept())));
    BatchPolicy policy = recipe.batches().policy();
    Dataset<Row> samples =
        new PolicyColumns(recipe.batches(), recipe.seed())
            .addTo(
                context,
                samples(context, epoch),
                policy,
                () -> embeddings.select("text_id", "embedding"));
    if (!policy.needs().isEmpty()) {
      samples.persist(StorageLevel.MEMORY_AND_DISK());
    }
    EpochPlans plans;
    try {
      plans = policy.plan(samples, recipe.epochs(epoch, to, before));
      context.commit(planTable(epoch), plans.rows());
      TrainingPairs.requirePlanned(context.rows(planTable(epoch)), context.rows("samples"));
      context.commit(removedTable(epoch), removed(plans, mined));
    } finally {
      samples.unpersist();
    }
    layOut(context, epoch, epoch + plans.epochs(), weights);
    return epoch + plans.epochs();
  }

  private Dataset<Row> banked(StageContext context, int epoch) throws IOException {
    BankVectors bank = new BankVectors(recipe.seed());
    Dataset<Row> vectors = bank.of(context, epoch);
    return recipe.batches().refresh().vectors() == RefreshVectors.PERMUTED_BANK
        ? bank.permuted(vectors, BankVectors.texts(context), epoch)
        : vectors;
  }

  /** What the epochs leave out, the samples without enough negatives counted in each. */
  private static Dataset<Row> removed(EpochPlans plans, Optional<Outcome> mined) {
    Dataset<Row> removed = plans.removed();
    for (int e = 0; mined.isPresent() && e < plans.epochs(); e++) {
      removed = removed.union(mined.get().removed());
    }
    return removed;
  }

  private ShardWriter writer(StageContext context, RefreshWeights weights) {
    return new ShardWriter(recipe, tokenizerSha256, context.fingerprint() + " " + weights.sha256());
  }

  /** The vectors of training queries and training documents. */
  private Dataset<Row> encoded(StageContext context, int epoch, ShippedModel model) {
    Dataset<Row> queries = context.read("queries");
    Dataset<Row> documents = context.read("documents");
    Dataset<Row> wanted =
        queries
            .where(col("split").equalTo("train"))
            .select(lit(TextIds.QUERY).as("kind"), col("query_id").as("id"))
            .union(
                context
                    .read("document_splits")
                    .where(col("split").equalTo("train"))
                    .select(lit(TextIds.DOCUMENT).as("kind"), col("doc_id").as("id")));
    Dataset<Row> texts =
        TextIds.of(queries, documents)
            .where(trim(coalesce(col("text"), lit("")), " \t\r\n").notEqual(""))
            .join(wanted, new String[] {"kind", "id"}, "left_semi")
            .select("text_id", "kind", "id", "text");
    try (EncodedTexts encoded = new EncodedTexts(context.spark(), model)) {
      return context.commit(
          vectorTable(epoch), encoded.of(texts, EncodeRecipe.DEFAULTS.textsPerBatch()));
    }
  }

  private Optional<Outcome> mined(StageContext context, int epoch, Dataset<Row> embeddings) {
    if (!recipe.batches().negatives().mined()) {
      return Optional.empty();
    }
    RefreshRecipe refresh = recipe.batches().refresh();
    int perSample = recipe.batches().negatives().perSample();
    if (refresh.selection().perQuery() < perSample) {
      throw BatchwrightException.usage(
          "batches.refresh.selection.perQuery must be at least batches.negatives.perSample = %d, got %d."
              .formatted(perSample, refresh.selection().perQuery()));
    }
    Dataset<Row> negatives =
        new NegativesRefresh(refresh.candidates(), refresh.selection(), recipe.seed())
            .commit(context, negativesTable(epoch), embeddings);
    return Optional.of(
        new NegativeParts(negatives, perSample, Optional.empty())
            .addTo(context.read("samples"), context.read("texts"), context.read("tokens")));
  }
}
