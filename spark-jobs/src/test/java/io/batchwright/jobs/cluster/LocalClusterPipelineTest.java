package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.run.Invocation;
import io.batchwright.jobs.run.JobRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pipeline on two executors that are JVMs of their own, two of which die: one while it writes
 * the first table, one while the tables of the deduplication are written, whose intermediate tables
 * it had a part of.
 */
@Tag("cluster")
class LocalClusterPipelineTest {
  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void lostExecutorsCostNoRowAndChangeNothing() throws Exception {
    String recipe = SmallRun.recipe(folder.resolve("corpus"));
    Path quiet = folder.resolve("quiet");
    run(PipelineJob.train(), recipe, quiet, Map.of("spark.master", "local[2]"));

    Path disturbed = folder.resolve("disturbed");
    Path first = folder.resolve("first-halt");
    Path second = folder.resolve("second-halt");
    run(
        PipelineJob.train(),
        halting(recipe, first, second, disturbed.resolve("tables/documents")),
        disturbed,
        LocalCluster.SETTINGS);

    assertThat(first).exists();
    assertThat(second).exists();
    JsonNode record = SmallRun.record(disturbed);
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    assertThat(ledger(record)).isEqualTo(ledger(SmallRun.record(quiet)));
    assertThat(record.path("weights_sha256"))
        .isEqualTo(SmallRun.record(quiet).path("weights_sha256"));
    assertThat(rows(disturbed, "documents")).isEqualTo(rows(quiet, "documents"));
    assertThat(disturbed.resolve("intermediate")).doesNotExist();
  }

  private static String halting(String recipe, Path first, Path second, Path trigger) {
    String lines =
        "{name: %s, path: \"$1\", source: train, marker: \"%s\"}"
            .formatted(HaltingLines.class.getName(), first);
    String filter =
        "\n    - {name: %s, when: \"%s\", marker: \"%s\"}"
            .formatted(HaltsOnce.class.getName(), trigger, second);
    String changed =
        recipe
            .replaceFirst(
                "\\{name: FlagEmbeddingJsonLines, path: \"(.*train.jsonl)\", source: train}", lines)
            .replaceFirst("unit: characters}", "unit: characters}" + filter);
    assertThat(changed).contains(first.toString(), second.toString());
    return changed;
  }

  private void run(PipelineJob job, String recipe, Path out, Map<String, String> settings)
      throws IOException {
    Path file = Files.writeString(folder.resolve(out.getFileName() + ".yaml"), recipe);
    List<Setting> flags = new ArrayList<>();
    settings.forEach((key, value) -> flags.add(Setting.text("run.spark." + key, value, "--conf")));
    flags.add(Setting.text("run.out", out.toString(), "--out"));
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    int exitCode =
        new JobRunner(stream, stream, Clock.systemUTC())
            .run(job, new Invocation(file.toString(), flags, false));
    assertThat(exitCode).as(console.toString(StandardCharsets.UTF_8)).isZero();
  }

  /** The ledger without its durations. */
  private static List<String> ledger(JsonNode record) {
    return record.path("ledger").properties().stream()
        .map(stage -> stage.getKey() + stage.getValue().toString().replaceAll("\"seconds\".*", ""))
        .toList();
  }

  /** The rows of a committed table, in an order of their own. */
  private static List<String> rows(Path out, String table) throws IOException {
    try (SparkSession spark =
            SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .getOrCreate();
        Stream<Path> files = Files.list(out.resolve("tables").resolve(table))) {
      String[] parquet =
          files
              .map(Path::toString)
              .filter(name -> name.endsWith(".parquet"))
              .toArray(String[]::new);
      return spark.read().parquet(parquet).toJSON().collectAsList().stream().sorted().toList();
    }
  }
}
