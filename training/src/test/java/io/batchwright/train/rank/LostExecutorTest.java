package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.WarmupCosine;
import io.batchwright.train.step.NotFinite;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two executors that are JVMs of their own, one of which dies in the middle of a step; all
 * connections are encrypted.
 */
@Tag("slow")
class LostExecutorTest {
  private static final int VOCABULARY = 80;
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    spark =
        SparkSession.builder()
            .appName("lost executor test")
            .master("local-cluster[2,1,1024]")
            .config("spark.executor.memory", "1g")
            .config("spark.authenticate", "true")
            .config("spark.authenticate.secret", "only the ranks of this test know it")
            .config("spark.network.crypto.enabled", "true")
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
    ShardFolder.write(folder.resolve("shards"), 0, 2, VOCABULARY, 16, 13, 16, 3, 16, 12);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void aKilledRankIsReplacedAndTheWeightsAreThoseOfAnUnbrokenRun() {
    TrainResult unbroken = train("unbroken", InfoNce.PAPER);
    TrainResult killed = train("killed", new HaltsOnRankOneOnce());
    assertThat(unbroken.attempts()).isEqualTo(1);
    assertThat(killed.attempts()).isEqualTo(2);
    assertThat(killed.resumedFrom()).isIn(2L, 4L); // that of step 4 may have been under way
    assertThat(killed.weightsSha256()).isEqualTo(unbroken.weightsSha256());
  }

  private record HaltsOnRankOneOnce() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      BarrierTaskContext task = BarrierTaskContext.get();
      if (!RunKey.confidentialInTask()) {
        throw new IllegalStateException("the ranks do not encrypt");
      }
      boolean sixthStep = pairs.gathered().count() == 12;
      if (task.partitionId() == 1 && task.stageAttemptNumber() == 0 && sixthStep) {
        Runtime.getRuntime().halt(77);
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private static TrainResult train(String name, Loss loss) {
    TrainRecipe recipe =
        new TrainRecipe(
            new StaticEmbedding(8, 1),
            loss,
            AdamW.PAPER,
            new WarmupCosine(0.05, 2, 0, 0),
            0,
            1,
            2,
            2,
            2,
            Duration.ofSeconds(20),
            "java",
            NotFinite.FAIL,
            0);
    return BarrierTraining.run(
        spark,
        new TrainSpec(
            recipe,
            folder.resolve("shards").toString(),
            "",
            folder.resolve(name).toString(),
            VOCABULARY,
            new Provenance("run", 42, "config", "data", "commit"),
            RunKey.draw()),
        report -> {});
  }
}
