package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    Path script = folder.resolve("discovery");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"7\"]}'\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    spark =
        TwoExecutors.named("gpu cluster test")
            .config("spark.worker.resource.gpu.amount", "1")
            .config("spark.worker.resource.gpu.discoveryScript", script.toString())
            .config("spark.executor.resource.gpu.amount", "1")
            .getOrCreate();
    ShardFolder.write(
        folder.resolve("shards"), 0, 4, SmallTraining.VOCABULARY, 16, 13, 16, 3, 16, 12);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void eachRankIsToldItsGpu() {
    assertThat(train(2).steps()).isPositive();
  }

  @Test
  void moreRanksThanGpusAreRefused() {
    spark.sparkContext().conf().set("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
    assertThatThrownBy(() -> train(3))
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

  private static TrainResult train(int ranks) {
    return BarrierTraining.run(
        spark,
        SmallTraining.in(folder)
            .loss(new NeedsAGpu())
            .ranks(ranks)
            .backend("auto")
            .spec("run" + ranks),
        report -> {});
  }
}
