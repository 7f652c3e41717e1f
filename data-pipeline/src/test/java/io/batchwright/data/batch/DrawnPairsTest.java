package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.bucket.SingleBucket;
import io.batchwright.data.ledger.Reasons;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The policies that look at margins and labels. */
class DrawnPairsTest {
  private static final int QUERIES = 100;
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  /**
   * Query q has q mod 5 + 1 pairs, all but one of them easy; its cluster is q mod 4, its label q
   * mod 7.
   */
  private static Dataset<Row> samples(int partitions) {
    List<Row> rows = new ArrayList<>();
    long sample = 0;
    for (long query = 0; query < QUERIES; query++) {
      for (int pair = 0; pair <= query % 5; pair++) {
        List<Row> parts =
            List.of(
                RowFactory.create("query", query, 5),
                RowFactory.create("positive", 1_000 + query, 9),
                RowFactory.create("negative", 2_000L + pair, 7));
        float margin = pair == 0 ? 0.1f : 8 + 0.01f * pair;
        rows.add(
            RowFactory.create(
                sample++,
                "q" + query + ":" + pair,
                "source",
                parts,
                query * 31 - 500,
                (int) (query % 4),
                "label" + query % 7,
                margin));
      }
    }
    StructType schema =
        Tables.SAMPLES
            .add("cluster", DataTypes.IntegerType, false)
            .add("label", DataTypes.StringType, false)
            .add("margin", DataTypes.FloatType, false);
    return new SingleBucket().assign(spark.createDataFrame(rows, schema).repartition(partitions));
  }

  private static List<Row> rows(Plan plan) {
    return plan.rows().orderBy("step", "position").collectAsList();
  }

  /** The fields of the samples of each step. */
  private static Map<Long, List<Row>> steps(Plan plan, Dataset<Row> samples) {
    return plan.rows().join(samples, "sample").orderBy("step", "position").collectAsList().stream()
        .collect(
            Collectors.groupingBy(
                row -> row.<Long>getAs("step"), TreeMap::new, Collectors.toList()));
  }

  @Test
  void aQueryBringsOnePairAnEpochAndMarginsAreBalanced() {
    Dataset<Row> samples = samples(3);
    TasBalanced policy = new TasBalanced(8, 10, false);
    int hard = 0;
    int all = 0;
    for (int epoch = 0; epoch < 6; epoch++) {
      Plan plan = policy.plan(samples, new PlanKey(5, epoch));
      assertThat(plan.rows().schema()).isEqualTo(Tables.PLAN);
      Set<Long> queries = new HashSet<>();
      for (List<Row> step : steps(plan, samples).values()) {
        for (Row row : step) {
          assertThat(queries.add(row.<Long>getAs("equal_hash"))).isTrue();
          hard += row.<Float>getAs("margin") < 1 ? 1 : 0;
          all++;
        }
      }
      // One in five queries has a single pair.
      assertThat(queries).hasSize(QUERIES * 4 / 5);
      assertThat(Reasons.count(plan.removed()))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("single_pair", 20L, "pair_not_drawn", samples.count() - 80 - 20));
    }
    // Two bins hold pairs; 80 of 280 pairs are hard, and half of those drawn.
    assertThat((double) hard / all).isBetween(0.42, 0.58);
  }

  @Test
  void balancedStepsAreOfOneClusterAndTheSameForAnyPartitioning() {
    TasBalanced policy = new TasBalanced(10, 10, true);
    Plan plan = policy.plan(samples(1), new PlanKey(5, 1));
    // Twenty queries of each cluster have several pairs.
    assertThat(steps(plan, samples(1)).values())
        .hasSize(8)
        .allSatisfy(
            step ->
                assertThat(step.stream().map(row -> row.<Integer>getAs("cluster")).distinct())
                    .hasSize(1));
    assertThat(rows(policy.plan(samples(5), new PlanKey(5, 1)))).isEqualTo(rows(plan));
    assertThat(rows(policy.plan(samples(1), new PlanKey(5, 2)))).isNotEqualTo(rows(plan));
  }

  /** One sort and one draw a query for all epochs; the last is cut. */
  @Test
  void aRangeOfEpochsIsWhatEachIsAlone() {
    Dataset<Row> samples = samples(3).cache();
    TasBalanced policy = new TasBalanced(9, 10, true);
    EpochPlans range = policy.plan(samples, new EpochRange(5, 2, 9, 8 + 8 + 3));
    assertThat(range.epochs()).isEqualTo(3);
    assertThat(range.steps()).isEqualTo(19);
    List<Row> expected = new ArrayList<>();
    List<Row> removed = new ArrayList<>();
    for (int epoch = 2; epoch < 5; epoch++) {
      Plan alone = policy.plan(samples, new PlanKey(5, epoch));
      assertThat(alone.steps()).isEqualTo(8);
      long kept = epoch < 4 ? 8 : 3;
      expected.addAll(rows(alone).stream().filter(row -> row.getLong(1) < kept).toList());
      removed.addAll(alone.removed().collectAsList());
    }
    assertThat(range.rows().orderBy("epoch", "step", "position").collectAsList())
        .isEqualTo(expected);
    assertThat(
            range.removed().where(col("reason").notEqual(EpochPlans.MAXIMUM_STEPS)).collectAsList())
        .containsExactlyInAnyOrderElementsOf(removed);
    assertThat(Reasons.count(range.removed())).containsEntry(EpochPlans.MAXIMUM_STEPS, 5 * 9L);
    assertThat(range.rows().count() + range.removed().count()).isEqualTo(3 * samples.count());
  }

  @Test
  void samplesWithoutASecondPairMakeNoStep() {
    Dataset<Row> single = samples(2).where(col("equal_hash").plus(500).mod(5 * 31).equalTo(0));
    EpochPlans plans = TasBalanced.PAPER.plan(single, new EpochRange(5, 0, 4, 100));
    assertThat(plans.epochs()).isEqualTo(1);
    assertThat(plans.steps()).isZero();
    assertThat(plans.rows().count()).isZero();
    assertThat(Reasons.count(plans.removed())).containsExactly(Map.entry("single_pair", 20L));
  }

  @Test
  void labelsStandTogetherAndWhatIsLeftIsDrawnAnew() {
    Dataset<Row> samples = samples(2);
    GroupByLabel policy = new GroupByLabel(12, 4, true);
    Plan plan = policy.plan(samples, new PlanKey(5, 0));
    Set<Long> seen = new HashSet<>();
    for (List<Row> step : steps(plan, samples).values()) {
      assertThat(step).hasSize(12);
      for (int group = 0; group < 12; group += 4) {
        assertThat(
                step.subList(group, group + 4).stream()
                    .map(row -> row.<String>getAs("label"))
                    .distinct())
            .hasSize(1);
      }
      step.forEach(row -> assertThat(seen.add(row.<Long>getAs("sample"))).isTrue());
    }
    Map<String, Long> removed = Reasons.count(plan.removed());
    assertThat(removed.keySet()).isSubsetOf("incomplete_label", "partial_step");
    assertThat(removed.get("incomplete_label")).isBetween(1L, 21L);
    assertThat(seen.size() + plan.removed().count()).isEqualTo(samples.count());
    assertThat(rows(policy.plan(samples(5), new PlanKey(5, 0)))).isEqualTo(rows(plan));
    assertThat(policy.plan(samples, new PlanKey(5, 1)).removed().orderBy("doc_id").collectAsList())
        .isNotEqualTo(plan.removed().orderBy("doc_id").collectAsList());
  }

  @Test
  void aStepCanHaveOneLabel() {
    Dataset<Row> samples = samples(2);
    Plan plan = new GroupByLabel(10, 10, true).plan(samples, new PlanKey(5, 0));
    assertThat(steps(plan, samples).values())
        .isNotEmpty()
        .allSatisfy(
            step ->
                assertThat(step.stream().map(row -> row.<String>getAs("label")).distinct())
                    .hasSize(1));
  }

  @Test
  void whatIsMissingOrOutOfRangeIsNamed() {
    Dataset<Row> bare = samples(1).drop("margin", "label");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TasBalanced.PAPER.plan(bare, new PlanKey(1, 0)))
        .withMessage("TasBalanced needs the column margin in the samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GroupByLabel.PAPER.plan(bare, new PlanKey(1, 0)))
        .withMessage("GroupByLabel needs the column label in the samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GroupByLabel(10, 4, true))
        .withMessage("GroupByLabel.pairsPerStep must be a multiple of perLabel = 4, got 10");
  }
}
