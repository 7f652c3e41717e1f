package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.Sizes;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deduplication on a standalone cluster whose executors, and then whose driver, are killed. */
@Tag("cluster")
class DedupFaultIT {
  private static final Sizes NOTHING_ON_THE_DRIVER = new Sizes(0, 0, 0, 1 << 20, 1 << 20);
  private static final String DAY = "2026-11-24";

  @TempDir private static Path folder;
  private static StandaloneCluster cluster;
  private static Path recipe;

  @BeforeAll
  static void start() throws Exception {
    recipe = SmallRun.write(folder, SmallRun.recipe(folder.resolve("corpus")));
    cluster = StandaloneCluster.start(Files.createDirectories(folder.resolve("spark")), 2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Timeout(600)
  void anExecutorKilledInEachPhaseChangesNothing() throws IOException {
    PhaseKiller.arm(cluster::executors);
    SparkConf conf = quick(new SparkConf(false));
    cluster.settings().forEach(conf::set);
    conf.set("spark.extraListeners", PhaseKiller.class.getName());
    System.setProperty("spark.callstack.depth", "200"); // for PhaseKiller to see our callers
    Map<String, CanonicalHash> disturbed;
    try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
      spark.sparkContext().setCheckpointDir(folder.resolve("checkpoints").toString());
      disturbed = deduplicated(spark, NOTHING_ON_THE_DRIVER, folder.resolve("disturbed"));
    } finally {
      System.clearProperty("spark.callstack.depth");
    }
    assertThat(PhaseKiller.killed()).containsOnlyKeys(PhaseKiller.PHASES.keySet());
    assertThat(PhaseKiller.killed().values()).doesNotHaveDuplicates();
    assertThat(PhaseKiller.lost()).isEqualTo(PhaseKiller.PHASES.size());

    try (SparkSession spark = local()) {
      assertThat(disturbed)
          .isEqualTo(deduplicated(spark, Sizes.DEFAULTS, folder.resolve("undisturbed")));
    }
    assertThat(disturbed.get("removed").rows()).isPositive();
  }

  @Test
  @Timeout(600)
  void aDriverKilledBetweenTheIndexsCommitAndItsOutputLeavesNothingThatTheNextRunDoesNotMend()
      throws Exception {
    Path out = folder.resolve("out");
    Path index = folder.resolve("index");
    Map<String, String> killing =
        Map.of(
            "spark.extraListeners",
            CommitKiller.class.getName(),
            CommitKiller.FILE,
            index.resolve("entries/_delta_log/%020d.json".formatted(0)).toString());
    assertThat(dedup(index, out, killing)).isEqualTo(CommitKiller.EXIT_CODE);
    assertThat(SmallRun.record(out).path("status").asText()).isEqualTo("running");
    assertThat(out.resolve("tables/documents/_manifest.json")).doesNotExist();

    assertThat(dedup(index, out, Map.of())).isZero();
    JsonNode record = SmallRun.record(out);
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    // The killed run had made this change.
    assertThat(record.at("/metrics/index_changed").asInt()).isZero();
    assertThat(record.at("/metrics/index_documents").asInt())
        .isEqualTo(record.at("/metrics/documents_kept").asInt());

    Path quietIndex = folder.resolve("quiet-index");
    Path quiet = folder.resolve("quiet");
    undisturbed(quietIndex, quiet);
    try (SparkSession spark = local()) {
      Dataset<Row> entries = entries(spark, index).where("snapshot = '%s'".formatted(DAY));
      assertThat(CanonicalHash.of(entries.where("state = 'survivor'").select("doc_id")))
          .isEqualTo(CanonicalHash.of(table(spark, out, "documents").select("doc_id")));
      assertThat(CanonicalHash.of(entries.where("state = 'removed'").select("doc_id")))
          .isEqualTo(CanonicalHash.of(table(spark, out, "index_matches").select("doc_id")));
      assertThat(CanonicalHash.of(entries))
          .isEqualTo(
              CanonicalHash.of(entries(spark, quietIndex).where("snapshot = '%s'".formatted(DAY))));
      for (String name : List.of("documents", "removed_duplicates", "index_matches")) {
        assertThat(CanonicalHash.of(table(spark, out, name)))
            .as(name)
            .isEqualTo(CanonicalHash.of(table(spark, quiet, name)));
      }
    }
  }

  /** The canonical content hash of each written table. */
  private static Map<String, CanonicalHash> deduplicated(
      SparkSession spark, Sizes sizes, Path out) {
    Dataset<Row> documents =
        spark
            .read()
            .json(folder.resolve("corpus/train.jsonl").toString())
            .selectExpr("query as doc_id", "'train' as source", "pos[0] as text");
    Map<String, CanonicalHash> hashes = new TreeMap<>();
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents, sizes)) {
      Map.of(
              "kept", found.outcome().kept(),
              "removed", found.outcome().removed(),
              "clusters", found.clusters())
          .forEach(
              (name, rows) -> {
                String path = out.resolve(name).toString();
                rows.write().parquet(path);
                hashes.put(name, CanonicalHash.of(spark.read().parquet(path)));
              });
    }
    return hashes;
  }

  /** The scheduled job in a driver of its own; returns its exit code. */
  private static int dedup(Path index, Path out, Map<String, String> more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of(System.getProperty("batchwright.root"), "conf", "jvm.options"));
    command.addAll(List.of("-Xmx900m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", StandaloneCluster.CLASS_PATH));
    command.addAll(List.of("io.batchwright.jobs.Batchwright", "dedup", "--overwrite"));
    command.addAll(List.of("--recipe", recipe.toString(), "--out", out.toString()));
    command.addAll(List.of("--index", index.toString(), "--snapshot", DAY));
    Map<String, String> settings = new TreeMap<>(cluster.settings());
    for (var setting : quick(new SparkConf(false)).getAll()) {
      settings.put(setting._1(), setting._2());
    }
    settings.putAll(more);
    settings.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("driver.log").toFile())
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The same job in this process. */
  private static void undisturbed(Path index, Path out) {
    List<Setting> flags = new ArrayList<>();
    flags.add(Setting.text("run.master", "local[2]", "--master"));
    flags.add(Setting.text("run.out", out.toString(), "--out"));
    flags.add(Setting.text("index.dir", index.toString(), "--index"));
    flags.add(Setting.text("index.snapshot", DAY, "--snapshot"));
    for (var setting : quick(new SparkConf(false)).getAll()) {
      flags.add(Setting.text("run.spark." + setting._1(), setting._2(), "--conf"));
    }
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    int exitCode =
        new JobRunner(stream, stream, Clock.systemUTC())
            .run(PipelineJob.dedup(), new Invocation(recipe.toString(), flags, false));
    assertThat(exitCode).as(console.toString(StandardCharsets.UTF_8)).isZero();
  }

  /** Settings for plans of a few rows, which cost more to compile than to run. */
  private static SparkConf quick(SparkConf conf) {
    return conf.set("spark.sql.codegen.wholeStage", "false")
        .set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .set("spark.sql.adaptive.enabled", "false")
        .set("spark.sql.shuffle.partitions", "2");
  }

  private static SparkSession local() {
    SparkConf conf = quick(new SparkConf(false)).set("spark.ui.enabled", "false");
    return SparkSession.builder().config(conf).master("local[2]").getOrCreate();
  }

  private static Dataset<Row> entries(SparkSession spark, Path index) {
    spark.conf().set("spark.databricks.delta.requiredSparkConfsCheck.enabled", "false");
    return spark.read().format("delta").load(index.resolve("entries").toString());
  }

  private static Dataset<Row> table(SparkSession spark, Path out, String name) {
    return spark.read().parquet(out.resolve("tables").resolve(name).toString());
  }
}
