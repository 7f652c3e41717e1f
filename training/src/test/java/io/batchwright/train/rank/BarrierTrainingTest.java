package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.ParameterGroup;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.rank.ValidationRecipe.Monitor;
import io.batchwright.train.step.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training as a barrier stage in {@code local[2]}. */
class BarrierTrainingTest {
  private static final AtomicInteger TRIES = new AtomicInteger();
  private static SparkSession spark;
  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("barrier training test")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.executor.heartbeatInterval", "1s")
            .getOrCreate();
    ShardFolder.write(
        folder.resolve("shards"), 0, 4, SmallTraining.VOCABULARY, 16, 13, 16, 3, 16, 12);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void aRankThatThrowsOnceIsRetriedAndTheWeightsAreThoseOfAnUnbrokenRun() throws Exception {
    TrainResult unbroken = train("unbroken", small());
    assertThat(unbroken.attempts()).isEqualTo(1);
    assertThat(unbroken.steps()).isEqualTo(6);
    assertThat(unbroken.ranks()).hasSize(2);

    TrainResult retried = train("retried", small().loss(new FailsOnRankOneOnce()));
    assertThat(retried.attempts()).isEqualTo(2);
    assertThat(retried.resumedFrom()).isIn(2L, 4L); // that of step 4 may have been under way
    assertThat(retried.weightsSha256()).isEqualTo(unbroken.weightsSha256());
    assertThat(retried.finalLoss()).isEqualTo(unbroken.finalLoss());
    assertThat(Files.readAllLines(folder.resolve("retried/metrics.jsonl")))
        .hasSize(6)
        .allSatisfy(line -> assertThat(line).contains("\"learning_rate\":", "\"wait_seconds\":"));
  }

  @Test
  void theDriverHearsOfStepsAndReadsTheFinalWeights() throws Exception {
    List<StepReport> heard = new CopyOnWriteArrayList<>();
    Map<Integer, List<Long>> byRank = new ConcurrentHashMap<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(StepReport report) {
            heard.add(report);
          }

          @Override
          public void rank(int rank, StepReport report) {
            byRank.computeIfAbsent(rank, any -> new CopyOnWriteArrayList<>()).add(report.step());
          }
        };
    TrainResult result =
        BarrierTraining.run(spark, small().loss(new SlowLoss()).spec("heard"), listener);
    assertThat(byRank).containsOnlyKeys(0, 1);
    assertThat(byRank.values())
        .allSatisfy(steps -> assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L, 6L));
    assertThat(heard).extracting(StepReport::step).isSorted().doesNotHaveDuplicates().contains(6L);
    List<Weights> weights =
        BarrierTraining.finalWeights(
            folder.resolve("heard").toString(), spark.sparkContext().hadoopConfiguration());
    assertThat(weights).singleElement().satisfies(w -> assertThat(w.dims()).containsExactly(80, 8));
    assertThat(result.checkpoint()).endsWith("step-00000006");
  }

  @Test
  void moreRanksThanSlotsAreRefusedAtOnce() {
    assertThatThrownBy(() -> train("slots", small().ranks(3)))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
        .hasMessageContaining("3 ranks need 3 free task slots, but Spark offers 2.");
  }

  @Test
  void threadsOfARankChangeNoBitsInJavaAndTooManyAreWarnedOf() throws Exception {
    TrainResult one = train("one thread", small().ranks(1));
    TrainResult two = train("two threads", small().ranks(1).threads(2));
    assertThat(two.weightsSha256()).isEqualTo(one.weightsSha256());
    assertThat(two.determinismKey()).isEqualTo(one.determinismKey());
    assertThat(two.warnings()).noneMatch(warning -> warning.contains("threads"));
    assertThat(train("crowded", small().threads(2)).warnings())
        .contains(
            "2 ranks of 2 threads share 2 cores of local[2]: more threads than cores make steps slower.");
  }

  @Test
  void dynamicAllocationIsRefused() {
    SparkConf conf = spark.sparkContext().conf();
    conf.set("spark.dynamicAllocation.enabled", "true");
    try {
      assertThatThrownBy(() -> train("dynamic", small()))
          .isInstanceOfSatisfying(
              BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
          .hasMessageContaining("Set spark.dynamicAllocation.enabled=false.");
    } finally {
      conf.remove("spark.dynamicAllocation.enabled");
    }
  }

  @Test
  void fewerLanesThanRanksAreRefusedBeforeTheStage() throws Exception {
    Path narrow = folder.resolve("narrow");
    ShardFolder.write(narrow, 0, 1, SmallTraining.VOCABULARY, 4);
    assertThatThrownBy(() -> train("lanes", small().shards("narrow")))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("2 ranks need at least as many lanes");
  }

  @Test
  void missingShardsAreNamed() {
    assertThatThrownBy(() -> train("missing", small().shards("nowhere")))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("nowhere");
  }

  @Test
  void aRunThatFailsOnEveryAttemptSaysWhy() {
    assertThatThrownBy(() -> train("always", small().loss(new FailsAlways())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Training failed: the table is on fire");
  }

  @Test
  void aWrongRecipeIsNotTriedAgainAndWrongDataOnce() {
    assertThat(triesOf(BatchwrightException.usage("no such thing"))).isEqualTo(1);
    assertThat(triesOf(BatchwrightException.data("not those of the recipe"))).isEqualTo(2);
  }

  private static int triesOf(BatchwrightException mistake) {
    TRIES.set(0);
    assertThatThrownBy(() -> train("mistaken", small().loss(new Mistaken(mistake))))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(mistake.exitCode()))
        .hasMessage(mistake.getMessage());
    return TRIES.get();
  }

  @Test
  void aFrozenGroupKeepsItsParametersAndOneWithoutMembersIsRefused() throws Exception {
    TrainResult plain = train("plain", small());
    ParameterGroup table = new ParameterGroup("table", "embedding\\..*", 1, 1, true);
    TrainResult frozen = train("frozen", small().groups(table));
    float[] initial = initialTable();
    assertThat(weights("frozen")).containsExactly(initial);
    assertThat(weights("plain")).isNotEqualTo(initial);
    assertThat(frozen.weightsSha256()).isNotEqualTo(plain.weightsSha256());

    ParameterGroup heads = new ParameterGroup("heads", "head.*", 1, 1, true);
    assertThatThrownBy(() -> train("none", small().groups(heads)))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessage(
            "train.parameterGroups: parameter group 'heads' (head.*) has no member; parameters are"
                + " [embedding.weight]");
  }

  private static float[] weights(String name) throws Exception {
    return BarrierTraining.finalWeights(
            folder.resolve(name).toString(), spark.sparkContext().hadoopConfiguration())
        .get(0)
        .values();
  }

  private static float[] initialTable() {
    try (Backend backend = Backends.select("java");
        Arena arena = backend.arena("initial")) {
      return new StaticEmbedding(8, 1)
          .build(SmallTraining.VOCABULARY, backend, arena, BarrierTraining.initialValues(42))
          .parameters()
          .get(0)
          .value()
          .toFloats();
    }
  }

  @Test
  void aDecisionByValidationNeedsPairsToValidateOn() {
    ValidationRecipe patient = new ValidationRecipe(9, Monitor.LOSS, 1, 0, false);
    assertThatThrownBy(() -> train("patient", small().validation(patient)))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("set split.validationShare above 0");
    assertThatThrownBy(() -> new ValidationRecipe(0, Monitor.NDCG10, 0, 0, false))
        .hasMessageContaining("must be LOSS where maximumPairs is 0");
  }

  @Test
  void ranksWithoutMemoryEndAsAMatterOfResources() throws Exception {
    assertThatThrownBy(() -> train("memory", small().memoryPerRank(10_000)))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
        .hasMessageMatching(
            "(?s)Training failed, a rank has no memory left: arena '.*' cannot hold .*"
                + "[0-9,]+ bytes asked, .*limit 10,000.*largest arena '.*'.*memoryPerRankBytes.*");
    assertThat(train("after memory", small()).steps()).isEqualTo(6);
  }

  @Test
  void aLossThatIsNotFiniteIsNotRetried() {
    assertThatThrownBy(() -> train("nan", small().loss(new NeverFinite())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not finite at step 1");
  }

  private record FailsOnRankOneOnce() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      BarrierTaskContext task = BarrierTaskContext.get();
      Variable loss = InfoNce.PAPER.apply(g, pairs);
      if (task.partitionId() == 1
          && task.stageAttemptNumber() == 0
          && pairs.gathered().count() == 12) {
        throw new IllegalStateException("rank 1 stumbles");
      }
      return loss;
    }
  }

  private record SlowLoss() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      try {
        Thread.sleep(150);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private record FailsAlways() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      if (TaskContext.getPartitionId() == 0) {
        throw new IllegalStateException("the table is on fire");
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private record Mistaken(BatchwrightException mistake) implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      if (TaskContext.getPartitionId() == 0) {
        TRIES.incrementAndGet();
        throw mistake;
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private record NeverFinite() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      return g.scale(InfoNce.PAPER.apply(g, pairs), Double.POSITIVE_INFINITY);
    }
  }

  private static TrainResult train(String name, SmallTraining training) {
    return BarrierTraining.run(spark, training.spec(name), report -> {});
  }

  private static SmallTraining small() {
    return SmallTraining.in(folder);
  }
}
