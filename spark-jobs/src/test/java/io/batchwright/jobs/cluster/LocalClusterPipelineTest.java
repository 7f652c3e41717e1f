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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Preparation on two executors that are JVMs of their own, two of which die: one while it writes
 * the first table, one while the tables of the deduplication are written, whose intermediate tables
 * it had a part of.
 */
@Tag("cluster")
class LocalClusterPipelineTest {
  @TempDir private Path folder;

  @Test
  @Timeout(600)
  void lostExecutorsCostNoRowAndChangeNothing() throws Exception {
    String recipe = SmallRun.recipe(folder.resolve("corpus"));
    Path quiet = folder.resolve("quiet");
    run(recipe, quiet, Map.of("spark.master", "local[2]"));

    Path disturbed = folder.resolve("disturbed");
    Path first = folder.resolve("first-halt");
    CompletableFuture<Long> second = loseExecutorOnce(disturbed.resolve("tables/documents"));
    run(halting(recipe, first), disturbed, LocalCluster.SETTINGS);

    assertThat(first).exists();
    assertThat(second).isCompletedWithValueMatching(pid -> pid > 0);
    JsonNode record = SmallRun.record(disturbed);
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    assertThat(ledger(record)).isEqualTo(ledger(SmallRun.record(quiet)));
    for (String table : List.of("documents", "removed_duplicates", "corpus_qrels")) {
      assertThat(rows(disturbed, table)).as(table).isNotEmpty().isEqualTo(rows(quiet, table));
    }
    assertThat(disturbed.resolve("intermediate")).doesNotExist();
  }

  private static String halting(String recipe, Path marker) {
    String lines =
        "{name: %s, path: \"$1\", source: train, marker: \"%s\"}"
            .formatted(HaltingLines.class.getName(), marker);
    String changed =
        recipe.replaceFirst(
            "\\{name: FlagEmbeddingJsonLines, path: \"(.*train.jsonl)\", source: train}", lines);
    assertThat(changed).contains(marker.toString());
    return changed;
  }

  /** Kills one executor once {@code trigger} exists; the executors are this process's children. */
  private static CompletableFuture<Long> loseExecutorOnce(Path trigger) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    return CompletableFuture.supplyAsync(
        () -> {
          while (!Files.exists(trigger)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
          }
          ProcessHandle executor = ProcessHandle.current().children().findFirst().orElseThrow();
          executor.destroyForcibly();
          return executor.pid();
        });
  }

  private void run(String recipe, Path out, Map<String, String> settings) throws IOException {
    Path file = Files.writeString(folder.resolve(out.getFileName() + ".yaml"), recipe);
    List<Setting> flags = new ArrayList<>();
    settings.forEach((key, value) -> flags.add(Setting.text("run.spark." + key, value, "--conf")));
    flags.add(Setting.text("run.out", out.toString(), "--out"));
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    int exitCode =
        new JobRunner(stream, stream, Clock.systemUTC())
            .run(PipelineJob.dedup(), new Invocation(file.toString(), flags, false));
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
