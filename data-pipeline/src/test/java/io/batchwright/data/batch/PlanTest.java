package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.bucket.LengthBuckets;
import io.batchwright.data.bucket.SingleBucket;
import io.batchwright.data.ledger.Reasons;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  /** Lengths from 10 to 109; every seventh query occurs twice, every fifth positive three times. */
  static Dataset<Row> samples(SparkSession spark, int count, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      Row query = RowFactory.create("query", 2 * i, 5);
      long positive = i % 5 == 1 || i % 5 == 2 ? 2 * (i - i % 5) + 1 : 2 * i + 1;
      Row answer = RowFactory.create("positive", positive, 5 + (int) (i * 37 % 100));
      long hash = i % 7 == 0 ? 2 * (i / 14) : 2 * i + 1;
      rows.add(RowFactory.create(i, "s" + i, "source" + i % 3, List.of(query, answer), hash));
    }
    return spark.createDataFrame(rows, Tables.SAMPLES).repartition(partitions);
  }

  private static Map<Long, List<Row>> steps(Plan plan) {
    return plan.rows().orderBy("step", "position").collectAsList().stream()
        .collect(Collectors.groupingBy(row -> row.getLong(1), TreeMap::new, Collectors.toList()));
  }

  private static List<Row> sorted(Plan plan) {
    return plan.rows().orderBy("step", "position").collectAsList();
  }

  @Test
  void stepsAreDenseFullAndWithoutRepeats() {
    Dataset<Row> samples = new LengthBuckets(5).assign(samples(spark, 1_000, 3));
    Plan plan = new RandomBatches(64, true).plan(samples, new PlanKey(7, 0));
    Map<Long, List<Row>> steps = steps(plan);
    assertThat(steps.keySet()).containsExactlyElementsOf(numbers(15));
    Set<Long> seen = new HashSet<>();
    for (List<Row> step : steps.values()) {
      assertThat(step).hasSize(64);
      for (int position = 0; position < 64; position++) {
        assertThat(step.get(position).getInt(2)).isEqualTo(position);
        assertThat(seen.add(step.get(position).getLong(4))).isTrue();
      }
    }
    List<Row> removed = plan.removed().collectAsList();
    assertThat(removed).hasSize(40).allMatch(row -> row.getString(3).equals("partial_step"));
    assertThat(plan.rows().schema().names()).isEqualTo(Tables.PLAN.names());
    assertThat(plan.removed().schema().names()).isEqualTo(Tables.REMOVED.names());
  }

  @Test
  void theLastPartialStepIsKeptOnRequest() {
    Dataset<Row> samples = new LengthBuckets(5).assign(samples(spark, 1_000, 3));
    Plan plan = new RandomBatches(64, false).plan(samples, new PlanKey(7, 0));
    assertThat(plan.rows().count()).isEqualTo(1_000);
    assertThat(plan.removed().count()).isZero();
    assertThat(steps(plan).values().stream().map(List::size).sorted().toList().get(0))
        .isEqualTo(40);
  }

  @Test
  void thePlanIsTheSameForAnyPartitioning() {
    for (BatchPolicy policy : List.of(new RandomBatches(16, true), new NoDuplicates(16, true))) {
      List<Row> expected = null;
      for (int partitions : new int[] {1, 3, 7}) {
        Dataset<Row> samples = new LengthBuckets(4).assign(samples(spark, 700, partitions));
        List<Row> rows = sorted(policy.plan(samples, new PlanKey(1, 2)));
        expected = expected == null ? rows : expected;
        assertThat(rows).isEqualTo(expected);
      }
    }
  }

  @Test
  void seedAndEpochGiveOtherPlans() {
    Dataset<Row> samples = new SingleBucket().assign(samples(spark, 300, 2));
    RandomBatches policy = new RandomBatches(32, true);
    Set<List<Row>> plans = new HashSet<>();
    for (PlanKey key : List.of(new PlanKey(1, 0), new PlanKey(1, 1), new PlanKey(2, 0))) {
      plans.add(
          sorted(policy.plan(samples, key)).stream()
              .map(row -> RowFactory.create(row.getLong(1), row.getInt(2), row.getLong(4)))
              .toList());
    }
    assertThat(plans).hasSize(3);
  }

  /** RandomBatches and Tas plan them by one sort, NoDuplicates one by one; the last is cut. */
  @Test
  void aRangeOfEpochsIsWhatEachIsAlone() {
    Dataset<Row> samples =
        new LengthBuckets(4)
            .assign(samples(spark, 500, 3))
            .withColumn("cluster", col("sample").mod(7).cast("int"))
            .cache();
    for (BatchPolicy policy :
        List.of(new RandomBatches(32, true), new Tas(32, true), new NoDuplicates(32, true))) {
      List<Plan> alone =
          IntStream.range(3, 6)
              .mapToObj(epoch -> policy.plan(samples, new PlanKey(1, epoch)))
              .toList();
      long limit = alone.get(0).steps() + alone.get(1).steps() + 3;
      EpochPlans range = policy.plan(samples, new EpochRange(1, 3, 9, limit));
      assertThat(range.epochs()).isEqualTo(3);
      assertThat(range.steps()).isEqualTo(limit);
      List<Row> expected = new ArrayList<>();
      for (Plan plan : alone) {
        List<Row> rows = sorted(plan);
        assertThat(plan.steps()).isEqualTo(rows.get(rows.size() - 1).getLong(1) + 1);
        rows.stream()
            .filter(row -> plan != alone.get(2) || row.getLong(1) < 3)
            .forEach(expected::add);
      }
      assertThat(range.rows().orderBy("epoch", "step", "position").collectAsList())
          .isEqualTo(expected);
      assertThat(Reasons.count(range.removed()))
          .containsEntry(EpochPlans.MAXIMUM_STEPS, (alone.get(2).steps() - 3) * 32);
      assertThat(range.rows().count() + range.removed().count()).isEqualTo(3 * 500);
    }
  }

  @Test
  void noStepHoldsTwoOfAKind() {
    Dataset<Row> samples = new LengthBuckets(4).assign(samples(spark, 2_100, 2)).cache();
    Plan plan = new NoDuplicates(16, true).plan(samples, new PlanKey(5, 0));
    Map<Long, Row> bySample =
        samples.collectAsList().stream().collect(Collectors.toMap(row -> row.getLong(0), r -> r));
    Map<Long, List<Row>> steps = steps(plan);
    assertThat(steps.keySet()).containsExactlyElementsOf(numbers(steps.size()));
    Set<Long> seen = new HashSet<>();
    for (List<Row> step : steps.values()) {
      assertThat(step).hasSize(16);
      Set<Long> hashes = new HashSet<>();
      Set<Long> positives = new HashSet<>();
      for (Row row : step) {
        Row sample = bySample.get(row.getLong(4));
        List<Row> parts = sample.getList(3);
        assertThat(seen.add(row.getLong(4))).isTrue();
        assertThat(hashes.add(sample.getLong(4))).isTrue();
        assertThat(positives.add(parts.get(1).getLong(1))).isTrue();
      }
    }
    long removed = plan.removed().count();
    assertThat(seen.size() + removed).isEqualTo(2_100);
    assertThat(removed).isLessThan(32);
  }

  @Test
  void samplesThatAllAreEqualGetOneStepEachAtMost() {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < 40; i++) {
      List<Row> parts =
          List.of(RowFactory.create("query", i, 3), RowFactory.create("positive", 100 + i, 3));
      rows.add(RowFactory.create(i, "s" + i, "a", parts, 99L));
    }
    Dataset<Row> samples = new SingleBucket().assign(spark.createDataFrame(rows, Tables.SAMPLES));
    Plan plan = new NoDuplicates(8, false).plan(samples, new PlanKey(5, 0));
    assertThat(plan.rows().count()).isEqualTo(5);
    assertThat(plan.removed().where("reason = 'duplicate_in_step'").count()).isEqualTo(35);
  }

  @Test
  void theSummaryCountsSourcesAndWaste() {
    Dataset<Row> samples = samples(spark, 960, 3);
    PlanKey key = new PlanKey(1, 0);
    RandomBatches policy = new RandomBatches(32, true);
    PlanSummary buckets = summary(policy.plan(new LengthBuckets(10).assign(samples), key), samples);
    PlanSummary single = summary(policy.plan(new SingleBucket().assign(samples), key), samples);
    assertThat(single.steps()).isEqualTo(30);
    assertThat(single.samplesBySource()).containsEntry("source0", 320L).hasSize(3);
    assertThat(single.sourcesPerStep()).isEqualTo(3.0);
    assertThat(single.paddingWaste()).isGreaterThan(0.35);
    assertThat(buckets.paddingWaste()).isLessThan(single.paddingWaste() / 2);
  }

  private static PlanSummary summary(Plan plan, Dataset<Row> samples) {
    return PlanSummary.of(plan.rows(), samples);
  }

  private static List<Long> numbers(int end) {
    List<Long> numbers = new ArrayList<>();
    for (long i = 0; i < end; i++) {
      numbers.add(i);
    }
    return numbers;
  }
}
