package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import java.nio.file.Path;
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
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    spark =
        TwoExecutors.named("lost executor test")
            .config("spark.authenticate", "true")
            .config("spark.authenticate.secret", "only the ranks of this test know it")
            .config("spark.network.crypto.enabled", "true")
            .config("spark.speculation", "true") // which Spark leaves out for barrier stages
            .getOrCreate();
    ShardFolder.write(
        folder.resolve("shards"), 0, 2, SmallTraining.VOCABULARY, 16, 13, 16, 3, 16, 12);
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
    return BarrierTraining.run(spark, SmallTraining.in(folder).loss(loss).spec(name), report -> {});
  }
}
