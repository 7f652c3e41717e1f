package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.WarmupCosine;
import io.batchwright.train.step.NotFinite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers that say they have a GPU each; where there is none the ranks compute on the CPU. */
@Tag("cluster")
class GpuClusterTest {
  private static final int VOCABULARY = 80;
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    Path script = folder.resolve("discovery");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"7\"]}'\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    spark =
        SparkSession.builder()
            .appName("gpu cluster test")
            .master("local-cluster[2,1,1024]")
            .config("spark.worker.resource.gpu.amount", "1")
            .config("spark.worker.resource.gpu.discoveryScript", script.toString())
            .config("spark.executor.resource.gpu.amount", "1")
            .config("spark.executor.memory", "1g")
            .config("spark.ui.enabled", "false")
            .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executorEnv.SPARK_TESTING", "1")
            .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
            .config("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1")
            .config(
                "spark.executor.extraClassPath",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")))
            .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .getOrCreate();
    ShardFolder.write(folder.resolve("shards"), 0, 4, VOCABULARY, 16, 13, 16, 3, 16, 12);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void eachRankIsToldItsGpu() {
    assertThat(train(2, "auto").steps()).isPositive();
  }

  @Test
  void moreRanksThanGpusAreRefused() {
    spark.sparkContext().conf().set("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
    assertThatThrownBy(() -> train(3, "auto"))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
        .hasMessage(
            "3 ranks need 3 free task slots, but Spark offers 2. Ask for more executors, each with"
                + " a GPU, or set ranks: 2.");
  }

  private record NeedsAGpu() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      String[] addresses = BarrierTaskContext.get().resourcesJMap().get("gpu").addresses();
      if (addresses.length != 1 || !addresses[0].equals("7")) {
        throw new IllegalStateException("GPUs " + String.join(",", addresses));
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private static TrainResult train(int ranks, String backend) {
    TrainRecipe recipe =
        new TrainRecipe(
            new StaticEmbedding(8, 1),
            new NeedsAGpu(),
            AdamW.PAPER,
            new WarmupCosine(0.05, 2, 0, 0),
            0,
            1,
            ranks,
            100,
            2,
            Duration.ofSeconds(20),
            backend,
            NotFinite.FAIL,
            0);
    return BarrierTraining.run(
        spark,
        new TrainSpec(
            recipe,
            folder.resolve("shards").toString(),
            "",
            folder.resolve("run" + ranks).toString(),
            VOCABULARY,
            new Provenance("run", 42, "config", "data", "commit"),
            RunKey.draw()),
        report -> {});
  }
}
