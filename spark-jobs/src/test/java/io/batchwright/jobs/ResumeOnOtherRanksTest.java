package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.batch.ShardManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was cut goes on under {@code --resume} with fewer ranks, or more. */
@Tag("slow")
class ResumeOnOtherRanksTest {
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

  @Test
  void aRunGoesOnWithAsManyRanksAsThereAreNow() throws IOException {
    Path whole = folder.resolve("whole");
    CommandLineRun first = run(whole, 1);
    assertThat(first.code()).as(first.err()).isZero();
    Path more = folder.resolve("more");
    CutRun.of(whole, more, 4);

    CommandLineRun unasked = run(more, 2);
    assertThat(unasked.code()).isEqualTo(2);
    assertThat(unasked.err()).contains("train.ranks: 1 there, 2 now", "with --resume");
    CommandLineRun other = run(more, 2, "--resume", "--set", "seed=99");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("seed: ").doesNotContain("train.ranks", "--resume");

    goesOn(more, 2, 4, whole);
    assertThat(
            ShardManifest.read(more.resolve("shards").toString(), 0, new Configuration()).lanes())
        .isEqualTo(2);

    Path fewer = folder.resolve("fewer");
    CutRun.of(more, fewer, 6);
    goesOn(fewer, 1, 6, whole);
  }

  private static void goesOn(Path cut, int ranks, int from, Path whole) throws IOException {
    CommandLineRun resumed = run(cut, ranks, "--resume");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    JsonNode record = CommandLineRun.record(cut);
    JsonNode unbroken = CommandLineRun.record(whole);
    assertThat(record.path("world_size").asInt()).isEqualTo(ranks);
    assertThat(record.path("resumed_from").asText()).isEqualTo("checkpoint of step " + from);
    assertThat(record.at("/metrics/train_steps")).isEqualTo(unbroken.at("/metrics/train_steps"));
    assertThat(record.at("/metrics/train_final_loss").asDouble())
        .isCloseTo(unbroken.at("/metrics/train_final_loss").asDouble(), within(1e-4));
    assertThat(CommandLineRun.balanced(record)).isTrue();
  }

  private static CommandLineRun run(Path out, int ranks, String... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--recipe",
                RECIPE,
                "--set",
                "corpus.sources.0.path=" + pairs,
                "--set",
                "train.ranks=" + ranks,
                "--set",
                "train.checkpointEverySteps=2",
                "--set",
                "train.keepCheckpoints=100",
                "--out",
                out));
    arguments.addAll(List.of(more));
    return CommandLineRun.of(arguments.toArray());
  }
}
