package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.ledger.CanonicalHash;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Preparation on two executors that are JVMs of their own, four of which die: one while it writes
 * the first table, then one each while deduplication looks for candidates, while it finds
 * components, and while its tables are written.
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
    Map<String, String> settings = new HashMap<>(LocalCluster.SETTINGS);
    settings.put("spark.extraListeners", PhaseKiller.class.getName());
    PhaseKiller.arm();
    run(halting(recipe, first), disturbed, settings);

    assertThat(first).exists();
    assertThat(PhaseKiller.killed()).containsOnlyKeys(PhaseKiller.PHASES.keySet());
    assertThat(PhaseKiller.killed().values()).doesNotHaveDuplicates();
    JsonNode record = SmallRun.record(disturbed);
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    assertThat(ledger(record)).isEqualTo(ledger(SmallRun.record(quiet)));
    try (SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate()) {
      for (String table : List.of("documents", "removed_duplicates", "clusters", "corpus_qrels")) {
        CanonicalHash hash = hash(spark, disturbed, table);
        assertThat(hash.rows()).as(table).isPositive();
        assertThat(hash).as(table).isEqualTo(hash(spark, quiet, table));
      }
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

  /** The canonical content hash of a committed table. */
  private static CanonicalHash hash(SparkSession spark, Path out, String table) throws IOException {
    try (Stream<Path> files = Files.list(out.resolve("tables").resolve(table))) {
      String[] parquet =
          files
              .map(Path::toString)
              .filter(name -> name.endsWith(".parquet"))
              .toArray(String[]::new);
      return CanonicalHash.of(spark.read().parquet(parquet));
    }
  }
}
