package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code batches.mixture} on two sources, from pairs to trained weights. */
@Tag("slow")
class MixtureTest {
  private static final String RECIPE = System.getProperty("batchwright.root") + "/conf/smoke.yaml";

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void bothSourcesGiveAsMuchOfEachEpoch() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun run = run("train", out, "{name: Weights}", "train.epochs=3");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode record = CommandLineRun.record(out);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    assertThat(run.out()).containsPattern("steps in 3 epochs of \\d+ of \\d+ samples, up to 32");

    Map<String, Long> samples = bySource(out, "bucketed_samples", "true");
    assertThat(samples.get("large")).isGreaterThan(3 * samples.get("small"));
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(bySource(out, "plan", "epoch = " + epoch))
          .isEqualTo(Map.of("large", samples.get("small"), "small", samples.get("small")));
    }
    JsonNode ledger = record.at("/ledger/plan");
    long each = 2 * samples.get("small");
    assertThat(ledger.path("out").asLong()).isEqualTo(3 * each);
    assertThat(record.at("/metrics/samples_per_epoch").asLong()).isEqualTo(each);
    assertThat(ledger.at("/dropped/not_drawn").asLong())
        .isEqualTo(samples.get("large") - 3 * samples.get("small"));
    assertThat(record.at("/metrics/train_steps").asLong())
        .isEqualTo(record.at("/metrics/steps_planned").asLong())
        .isEqualTo(3 * ((each + 31) / 32));
  }

  @Test
  void aSourceThatIsNotThereIsNamed() throws IOException {
    String mixture = "{name: Weights, weights: [{source: lage, weight: 2}]}";
    CommandLineRun run = run("plan", folder.resolve("none"), mixture, "train.epochs=1");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no sample is of the source lage; there are [large, small].");
  }

  private CommandLineRun run(String job, Path out, String mixture, String setting)
      throws IOException {
    String sources =
        "[{name: FlagEmbeddingJsonLines, path: %s, source: large},"
            + " {name: FlagEmbeddingJsonLines, path: %s, source: small}]";
    return CommandLineRun.of(
        job,
        "--recipe",
        RECIPE,
        "--set",
        "corpus.sources=" + sources.formatted(pairs("large", 150), pairs("small", 30)),
        "--set",
        "batches.mixture=" + mixture,
        "--set",
        setting,
        "--out",
        out);
  }

  private Path pairs(String name, int count) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append(
          "{\"query\": \"%s thing %d\", \"pos\": [\"The %s thing of number %d stands here.\"]}%n"
              .formatted(name, i, name, i));
    }
    return Files.writeString(folder.resolve(name + ".jsonl"), lines);
  }

  /** How many rows of a table are of samples of each source. */
  private static Map<String, Long> bySource(Path out, String table, String condition) {
    Map<String, Long> counts = new TreeMap<>();
    spark
        .read()
        .parquet(out + "/tables/" + table)
        .where(condition)
        .select("sample")
        .join(
            spark.read().parquet(out + "/tables/bucketed_samples").select("sample", "source"),
            "sample")
        .groupBy("source")
        .count()
        .collectAsList()
        .forEach((Row row) -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }
}
