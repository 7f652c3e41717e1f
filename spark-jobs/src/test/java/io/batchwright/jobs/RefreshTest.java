package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.batch.ShardManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that follow the model: three epochs of steps of one topic, without an encode before. */
@Tag("slow")
class RefreshTest {
  private static final String RECIPE = System.getProperty("batchwright.root") + "/conf/smoke.yaml";

  private static SparkSession spark;

  @TempDir static Path folder;
  private static Path pairs;

  @BeforeAll
  static void openSession() throws IOException {
    spark = TestSession.open();
    pairs = WordPairs.write(folder.resolve("pairs.jsonl"));
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder", "bank"})
  void aSynchronousRunIsTheSameAgainWhereverItWasCut(String vectors) throws IOException {
    Path whole = folder.resolve("whole-" + vectors);
    train(whole, "synchronous", vectors);
    JsonNode record = CommandLineRun.record(whole);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    assertThat(record.at("/metrics/refreshes").asInt()).isEqualTo(2);
    assertThat(record.at("/metrics/refresh_staleness_steps").asInt()).isZero();
    assertThat(fingerprints(whole)).doesNotHaveDuplicates().hasSize(3);
    // Vectors of the bank need no model that encodes.
    assertThat(Files.exists(whole.resolve("refresh/epoch-00001/model")))
        .isEqualTo(vectors.equals("encoder"));

    // As if the run had died after the refresh before epoch 2, with nothing of that epoch trained.
    Path cut = folder.resolve("cut-" + vectors);
    long steps = shards(whole, 0).steps() + shards(whole, 1).steps();
    CutRun.of(whole, cut, steps, "shards/epoch-00002/manifest.json");
    CommandLineRun run = run(cut, "synchronous", vectors, "--resume");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(weights(cut)).isEqualTo(weights(whole));
    assertThat(fingerprints(cut)).isEqualTo(fingerprints(whole));

    // As if it had died in the midst of epoch 2: what was planned is what more ranks train on.
    Path wider = folder.resolve("wider-" + vectors);
    CutRun.of(whole, wider, steps + 2);
    run = run(wider, "synchronous", vectors, "--resume", "--set", "train.ranks=2");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(shards(whole, 2).lanes()).isEqualTo(1);
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(shards(wider, epoch).lanes()).isEqualTo(2);
    }
    for (int epoch = 1; epoch < 3; epoch++) {
      assertThat(plan(wider, epoch)).isEqualTo(plan(whole, epoch));
    }
  }

  @Test
  void anAsynchronousRefreshUsesTheWeightsOfAnEpochBefore() throws IOException {
    Path out = folder.resolve("beside");
    train(out, "asynchronous", "encoder");
    JsonNode record = CommandLineRun.record(out);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    // Epochs 0 and 1 are planned before; epoch 2 with the weights after epoch 0.
    assertThat(record.at("/ledger/plan/out").asLong())
        .isEqualTo(2 * record.at("/ledger/buckets/out").asLong());
    assertThat(record.at("/metrics/refreshes").asInt()).isEqualTo(1);
    assertThat(record.at("/metrics/refresh_staleness_steps").asLong())
        .isEqualTo(shards(out, 1).steps());
    assertThat(Files.readString(out.resolve("refresh/epoch-00002/weights.txt")).strip())
        .isNotEqualTo(weights(out))
        .hasSize(64);
  }

  @Test
  void negativesAreMinedAnewByTheModelThatTrains() throws IOException {
    Path split = folder.resolve("split");
    Path mined = folder.resolve("mined");
    done("tokenize", "--recipe", RECIPE, "--set", "corpus.sources.0.path=" + pairs, "--out", split);
    String selection = "perQuery=2";
    done(
        "mine",
        "--input",
        split,
        "--bm25",
        "miner",
        "--set",
        "selection.filters=[{name: KnownPositives}, {name: SameAnswer}]",
        "--set",
        "selection." + selection,
        "--out",
        mined);
    String[] negatives = {
      "--set", "batches.negatives.from=" + mined,
      "--set", "batches.negatives.perSample=2",
      "--set", "batches.refresh.selection." + selection
    };
    List<List<String>> weights = new ArrayList<>();
    for (String name : List.of("once", "again")) {
      Path out = folder.resolve(name);
      CommandLineRun run = run(out, "synchronous", "encoder", negatives);
      assertThat(run.code()).as(run.err()).isZero();
      List<String> made = new ArrayList<>(List.of(weights(out)));
      for (int epoch = 1; epoch < 3; epoch++) {
        made.addAll(refreshedNegatives(out, epoch, table(mined, "negatives")));
      }
      weights.add(made);
      assertThat(CommandLineRun.balanced(CommandLineRun.record(out))).isTrue();
      assertThat(shards(out, 2).roles()).containsExactly("query", "positive", "negative");
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));

    // Beside training: epochs 0 and 1 have the first negatives, epoch 2 those after epoch 0.
    Path beside = folder.resolve("mined-beside");
    CommandLineRun run = run(beside, "asynchronous", "encoder", negatives);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode record = CommandLineRun.record(beside);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    assertThat(record.at("/metrics/refreshes").asInt()).isEqualTo(1);
    assertThat(record.at("/metrics/refresh_staleness_steps").asLong())
        .isEqualTo(shards(beside, 1).steps());
    assertThat(beside.resolve("tables/refreshed_negatives_00001")).doesNotExist();
    assertThat(refreshedNegatives(beside, 2, table(mined, "negatives"))).isNotEmpty();
    assertThat(shards(beside, 1).roles()).containsExactly("query", "positive", "negative");
  }

  /** Those of an epoch, not those of the first mine, which answer nothing and are trained on. */
  private static List<String> refreshedNegatives(Path out, int epoch, Dataset<Row> first) {
    Dataset<Row> negatives =
        table(out, "refreshed_negatives_%05d".formatted(epoch)).select("query_id", "doc_id");
    Dataset<Row> answers = table(out, "qrels").where("relevance > 0").select("query_id", "doc_id");
    assertThat(negatives.intersect(answers).count()).isZero();
    assertThat(negatives.except(first.select("query_id", "doc_id")).count()).isPositive();
    Dataset<Row> trained =
        table(out, "refreshed_samples_%05d".formatted(epoch))
            .selectExpr(
                "parts[0].text_id AS query_text",
                "explode(filter(parts, p -> p.role = 'negative').text_id) AS text")
            .join(texts(out, "query"), "query_text")
            .join(texts(out, "document"), functions.expr("text = document_text"))
            .select("query_id", "document_id");
    assertThat(trained.count()).isPositive();
    assertThat(trained.except(negatives).count()).isZero();
    return negatives.orderBy("query_id", "doc_id").toJSON().collectAsList();
  }

  private static Dataset<Row> texts(Path out, String kind) {
    return table(out, "texts")
        .where("kind = '%s'".formatted(kind))
        .selectExpr("id AS %s_id".formatted(kind), "text_id AS %s_text".formatted(kind));
  }

  private static Dataset<Row> table(Path out, String name) {
    return spark.read().parquet(out.resolve("tables").resolve(name).toString());
  }

  private static void done(Object... arguments) {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void whatCannotBeRefreshedIsRefused() {
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--recipe",
            RECIPE,
            "--set",
            "corpus.sources.0.path=" + pairs,
            "--set",
            "batches.refresh.mode=synchronous",
            "--out",
            folder.resolve("refused"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("there is nothing to refresh");
    run = run(folder.resolve("refused-bank"), "asynchronous", "bank");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("batches.refresh.mode must be synchronous with vectors of the");
  }

  private static void train(Path out, String mode, String vectors) {
    CommandLineRun run = run(out, mode, vectors);
    assertThat(run.code()).as(run.err()).isZero();
  }

  private static CommandLineRun run(Path out, String mode, String vectors, String... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                RECIPE,
                "--set",
                "corpus.sources.0.path=" + pairs,
                "--set",
                "batches.policy={name: Ngame, pairsPerStep: 32, firstSize: 8, doublingEpochs: []}",
                "--set",
                "batches.refresh.mode=" + mode,
                "--set",
                "batches.refresh.vectors=" + vectors,
                "--set",
                "train.epochs=3",
                "--set",
                "train.ranks=1",
                "--set",
                "train.checkpointEverySteps=2",
                "--set",
                "train.keepCheckpoints=100",
                "--out",
                out));
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray());
  }

  private static List<String> plan(Path out, int epoch) {
    return spark
        .read()
        .parquet(out.resolve("tables/refreshed_plan_%05d".formatted(epoch)).toString())
        .select("epoch", "step", "position", "sample")
        .orderBy("epoch", "step", "position")
        .toJSON()
        .collectAsList();
  }

  private static String weights(Path out) throws IOException {
    return CommandLineRun.record(out).path("weights_sha256").asText();
  }

  private static ShardManifest shards(Path out, int epoch) throws IOException {
    return ShardManifest.read(out.resolve("shards").toString(), epoch, new Configuration());
  }

  private static List<String> fingerprints(Path out) throws IOException {
    List<String> all = new ArrayList<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      all.add(shards(out, epoch).planFingerprint());
    }
    return all;
  }
}
