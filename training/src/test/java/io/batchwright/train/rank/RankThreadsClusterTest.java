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
import java.nio.file.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks of several threads on executors of two cores each. */
@Tag("cluster")
class RankThreadsClusterTest {
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    spark = TwoExecutors.named("rank threads test").master("local-cluster[2,2,1024]").getOrCreate();
    ShardFolder.write(
        folder.resolve("shards"), 0, 4, SmallTraining.VOCABULARY, 16, 13, 16, 3, 16, 12);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void aRanksTaskTakesAsManyCoresAsTheRankHasThreads() {
    assertThat(train(2, 2, 2).warnings()).noneMatch(warning -> warning.contains("threads"));
    assertThat(train(4, 1, 1).steps()).isPositive();
  }

  @Test
  void ranksWhoseCoresNoExecutorHasAreRefused() {
    spark.sparkContext().conf().set("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
    assertThatThrownBy(() -> train(3, 2, 2))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
        .hasMessage(
            "3 ranks need 3 free task slots of 2 cores, but Spark offers 2. Ask for more executors"
                + " with as many cores each as train.threads, or set ranks: 2.");
    assertThatThrownBy(() -> train(1, 3, 3))
        .hasMessageStartingWith(
            "1 ranks need 1 free task slots of 3 cores, but Spark offers 0. Ask for");
  }

  private record NeedsCores(int cores) implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      int has = BarrierTaskContext.get().cpus();
      if (has != cores) {
        throw new IllegalStateException("the task has " + has + " cores");
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private static TrainResult train(int ranks, int threads, int cores) {
    return BarrierTraining.run(
        spark,
        SmallTraining.in(folder)
            .loss(new NeedsCores(cores))
            .ranks(ranks)
            .threads(threads)
            .spec("run%dx%d".formatted(ranks, threads)),
        report -> {});
  }
}
