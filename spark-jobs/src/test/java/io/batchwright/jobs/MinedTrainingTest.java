package io.batchwright.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.batch.ShardManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Train, encode, mine, and train again on what was mined, with the first model as guide. */
@Tag("slow")
class MinedTrainingTest {
  private static final String RECIPE = System.getProperty("batchwright.root") + "/conf/smoke.yaml";

  private static SparkSession spark;

  @TempDir static Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void aRecipeTrainsOnMinedNegativesWithAGuide() throws IOException {
    Path pairs = WordPairs.write(folder.resolve("pairs.jsonl"));
    Path first = folder.resolve("first");
    Path embeddings = folder.resolve("embeddings");
    Path mined = folder.resolve("mined");
    Path second = folder.resolve("second");
    train(pairs, first);
    done("encode", "--model", first + "/model", "--input", first, "--out", embeddings);
    done("mine", "--input", first, "--embeddings", embeddings, "--out", mined);
    JsonNode mining = CommandLineRun.record(mined);
    assertThat(CommandLineRun.balanced(mining)).isTrue();
    assertThat(mining.at("/ledger/candidates/dropped/other_split").asLong()).isPositive();

    train(
        pairs,
        second,
        "batches.negatives.from=" + mined,
        "batches.negatives.perSample=2",
        "batches.negatives.guide=" + embeddings,
        "train.loss={name: GistEmbed, temperature: 0.05}");
    JsonNode record = CommandLineRun.record(second);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    assertThat(record.at("/metrics/train_final_loss").asDouble()).isBetween(0.0, 20.0);
    assertThat(record.path("weights_sha256").asText())
        .isNotEqualTo(CommandLineRun.record(first).path("weights_sha256").asText());
    ShardManifest shards =
        ShardManifest.read(second.resolve("shards").toString(), 0, new Configuration());
    assertThat(shards.roles()).containsExactly("query", "positive", "negative");
    assertThat(shards.guide()).isTrue();
    assertThat(shards.scores()).isFalse();
    aGuideOfUnequalLengthsIsRefused(pairs, embeddings);
    vectorsWithoutQueriesAreRefused(pairs, embeddings);
    stepsOfOneTopic(pairs, embeddings);
    pairsDrawnByATeachersMargins(pairs, first, embeddings, mined);
  }

  private static void aGuideOfUnequalLengthsIsRefused(Path pairs, Path embeddings) {
    Path uneven = folder.resolve("uneven");
    Dataset<Row> vectors = spark.read().parquet(embeddings + "/tables/embeddings");
    Object first = vectors.orderBy("kind", "id").select("id").head().get(0);
    vectors
        .withColumn(
            "embedding",
            when(col("id").equalTo(first), slice(col("embedding"), 1, 2))
                .otherwise(col("embedding")))
        .write()
        .parquet(uneven.toString());
    CommandLineRun run =
        CommandLineRun.of(
            arguments(
                "prepare",
                pairs,
                folder.resolve("uneven-guide"),
                "batches.negatives.guide=" + uneven));
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("The guide's embeddings have unequal lengths: 2 dims for");
  }

  private static void vectorsWithoutQueriesAreRefused(Path pairs, Path embeddings) {
    Path documents = folder.resolve("documents");
    spark
        .read()
        .parquet(embeddings + "/tables/embeddings")
        .where("kind = 'document'")
        .write()
        .parquet(documents.toString());
    CommandLineRun run =
        CommandLineRun.of(
            arguments(
                "prepare",
                pairs,
                folder.resolve("no-queries"),
                "batches.clusters.embeddings=" + documents,
                "batches.policy={name: Ngame, pairsPerStep: 16, firstSize: 4, doublingEpochs: []}"));
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("The vectors of batches.clusters lack a text of sample ");
  }

  /** The teacher is the guide of a second mine, of which each query has up to six negatives. */
  private static void pairsDrawnByATeachersMargins(
      Path pairs, Path first, Path embeddings, Path mined) throws IOException {
    Path taught = folder.resolve("taught");
    Path out = folder.resolve("balanced");
    done(
        "mine",
        "--input",
        first,
        "--candidates-from",
        mined,
        "--guide",
        embeddings,
        "--set",
        "selection.perQuery=6",
        "--out",
        taught);
    train(
        pairs,
        out,
        "batches.clusters.embeddings=" + embeddings,
        "batches.clusters.count=6",
        "batches.negatives.from=" + taught,
        "batches.negatives.teacherScores=" + taught,
        "batches.negatives.guide=" + embeddings,
        "batches.negatives.perSample=6",
        "batches.policy={name: TasBalanced, pairsPerStep: 16}",
        "train.loss={name: TasDualSupervision}");
    JsonNode record = CommandLineRun.record(out);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    long samples = record.at("/ledger/buckets/in").asLong();
    assertThat(record.at("/ledger/buckets/expanded").asLong()).isGreaterThan(2 * samples);
    JsonNode plan = record.at("/ledger/plan");
    assertThat(plan.at("/dropped/pair_not_drawn").asLong()).isPositive();
    // Two epochs; a query brings one of its pairs in each.
    assertThat(plan.path("out").asLong()).isLessThanOrEqualTo(2 * samples);
    assertThat(record.at("/metrics/train_final_loss").asDouble()).isFinite();
  }

  private static void stepsOfOneTopic(Path pairs, Path embeddings) throws IOException {
    for (String policy : List.of("Tas", "Ngame", "Sample4Geo")) {
      Path out = folder.resolve(policy);
      String settings = policy.equals("Ngame") ? ", firstSize: 4, doublingEpochs: [1]" : "";
      CommandLineRun run =
          CommandLineRun.of(
              arguments(
                  "prepare",
                  pairs,
                  out,
                  "batches.clusters.embeddings=" + embeddings,
                  "batches.clusters.count=6",
                  "batches.policy={name: %s, pairsPerStep: 16%s}".formatted(policy, settings)));
      assertThat(run.code()).as(run.err()).isZero();
      JsonNode record = CommandLineRun.record(out);
      assertThat(CommandLineRun.balanced(record)).isTrue();
      assertThat(record.at("/metrics/steps_planned").asDouble()).isGreaterThanOrEqualTo(6);
    }
  }

  @Test
  void aPolicyWithoutItsVectorsIsRefusedBeforeAnythingRuns() throws IOException {
    Path pairs = WordPairs.write(folder.resolve("third.jsonl"));
    CommandLineRun run =
        CommandLineRun.of(arguments(pairs, folder.resolve("no"), "batches.policy={name: Tas}"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("batches.policy: Tas needs vectors of the texts", "batches.clusters.embeddings");
    refused(pairs, 2, "{name: TasBalanced}", "needs a teacher's scores of mined pairs");
    refused(pairs, 3, "{name: GroupByLabel}", "The plan has no step");
  }

  private static void refused(Path pairs, int code, String policy, String message) {
    Path out = folder.resolve("refused-" + policy.length());
    CommandLineRun run =
        CommandLineRun.of(arguments("prepare", pairs, out, "batches.policy=" + policy));
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aLossWithoutItsInputIsRefusedBeforeAnythingRuns() throws IOException {
    Path pairs = WordPairs.write(folder.resolve("other.jsonl"));
    CommandLineRun run =
        CommandLineRun.of(
            arguments(pairs, folder.resolve("refused"), "train.loss={name: MarginMse}"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("train.loss: MarginMse needs mined negatives", "set batches.negatives.from");
    assertThat(folder.resolve("refused/tables")).doesNotExist();
  }

  private static void train(Path pairs, Path out, String... settings) {
    done(arguments(pairs, out, settings));
  }

  private static void done(Object... arguments) {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.code()).as(run.err()).isZero();
  }

  private static Object[] arguments(Path pairs, Path out, String... settings) {
    return arguments("train", pairs, out, settings);
  }

  private static Object[] arguments(String job, Path pairs, Path out, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                job,
                "--recipe",
                RECIPE,
                "--set",
                "corpus.sources.0.path=" + pairs,
                "--out",
                out.toString()));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return arguments.toArray();
  }
}
