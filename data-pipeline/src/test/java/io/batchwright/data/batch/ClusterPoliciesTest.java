package io.batchwright.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.bucket.SingleBucket;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** 300 samples of six topics; sample i is of topic i mod 6. */
class ClusterPoliciesTest {
  private static final int SAMPLES = 300;
  private static final int TOPICS = 6;
  private static final int DIMS = 8;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  private static Dataset<Row> samples(int partitions) {
    RandomStream random = RandomStream.of(2, "policies", 0, 0);
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < SAMPLES; i++) {
      int topic = (int) (i % TOPICS);
      float[] query = new float[DIMS];
      float[] positive = new float[DIMS];
      for (int d = 0; d < DIMS; d++) {
        double center = random.gaussianAt(100_000 + topic * DIMS + d);
        query[d] = (float) (center + 0.1 * random.gaussianAt(i * DIMS + d));
        positive[d] = (float) (center + 0.1 * random.gaussianAt(50_000 + i * DIMS + d));
      }
      List<Row> parts =
          List.of(
              RowFactory.create("query", 2 * i, 5), RowFactory.create("positive", 2 * i + 1, 9));
      rows.add(RowFactory.create(i, "s" + i, "source", parts, i, query, positive, topic));
    }
    StructType schema =
        Tables.SAMPLES
            .add("embedding", DataTypes.createArrayType(DataTypes.FloatType))
            .add("positive_embedding", DataTypes.createArrayType(DataTypes.FloatType))
            .add("cluster", DataTypes.IntegerType, false);
    return new SingleBucket().assign(spark.createDataFrame(rows, schema).repartition(partitions));
  }

  static Stream<BatchPolicy> policies() {
    return Stream.of(
        new Tas(16, true),
        new Tas(16, false),
        new Ngame(16, 16, List.of(1), true),
        new Ngame(16, 1, List.of(2), false),
        new Sample4Geo(16, 20, 8, 8));
  }

  private static List<Row> sorted(Dataset<Row> rows) {
    return rows.orderBy("step", "position").collectAsList();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void stepsAreDenseWithoutRepeatsAndEachSampleIsAccountedFor(BatchPolicy policy) {
    Plan plan = policy.plan(samples(3), new PlanKey(7, 0));
    assertThat(plan.rows().schema()).isEqualTo(Tables.PLAN);
    Map<Long, List<Row>> steps = steps(plan);
    Set<Long> seen = new HashSet<>();
    int partial = 0;
    for (long step = 0; step < steps.size(); step++) {
      List<Row> rows = steps.get(step);
      partial += rows.size() < 16 ? 1 : 0;
      for (int position = 0; position < rows.size(); position++) {
        assertThat(rows.get(position).getInt(2)).isEqualTo(position);
        assertThat(rows.get(position).getInt(6)).isEqualTo(14);
        assertThat(rows.get(position).getInt(7)).isEqualTo(Plan.MIXED);
        assertThat(seen.add(rows.get(position).getLong(4))).isTrue();
      }
    }
    assertThat(partial).isLessThanOrEqualTo(1);
    assertThat(seen.size() + plan.removed().count()).isEqualTo(SAMPLES);
    assertThat(plan.removed().schema().names()).isEqualTo(Tables.REMOVED.names());
  }

  @ParameterizedTest
  @MethodSource("policies")
  void thePlanIsTheSameForAnyPartitioningAndAnotherOneForEachEpoch(BatchPolicy policy) {
    List<Row> expected = sorted(policy.plan(samples(1), new PlanKey(7, 1)).rows());
    assertThat(sorted(policy.plan(samples(5), new PlanKey(7, 1)).rows())).isEqualTo(expected);
    assertThat(sorted(policy.plan(samples(1), new PlanKey(8, 1)).rows())).isNotEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void epochsThatShareWhatIsMadeOnceAreThePlansOfEach(BatchPolicy policy) {
    Function<PlanKey, Plan> plans = policy.epochs(samples(3));
    for (int epoch = 0; epoch < 3; epoch++) {
      PlanKey key = new PlanKey(7, epoch);
      assertThat(sorted(plans.apply(key).rows()))
          .isEqualTo(sorted(policy.plan(samples(2), key).rows()));
    }
  }

  @Test
  void tasHasOneClusterAStepWhereItCan() {
    // Fifty samples of a topic fill three steps of 16; what is left, two of each, fills the rest.
    Map<Long, List<Row>> steps = steps(new Tas(16, false).plan(samples(2), new PlanKey(3, 0)));
    assertThat(steps).hasSize(19);
    assertThat(steps.values().stream().filter(step -> topics(step) == 1)).hasSize(18);
  }

  @Test
  void tasPutsFewClustersTogetherWhereTheyAreSmall() {
    Map<Long, List<Row>> steps = steps(new Tas(75, true).plan(samples(2), new PlanKey(3, 0)));
    assertThat(steps).hasSize(4);
    assertThat(steps.values()).allSatisfy(step -> assertThat(topics(step)).isEqualTo(2));
  }

  @Test
  void ngameClustersGrowWithTheEpoch() {
    Ngame policy = new Ngame(32, 1, List.of(1, 2, 3, 4, 5), true);
    assertThat(policy.sizes(SAMPLES, 0)).isEqualTo(new Ngame.Sizes(1, 300, 1));
    assertThat(policy.sizes(SAMPLES, 3)).isEqualTo(new Ngame.Sizes(8, 64, 300 / 64.0));
    assertThat(policy.sizes(SAMPLES, 9)).isEqualTo(new Ngame.Sizes(32, 16, 300 / 16.0));
    double first = meanTopics(policy.plan(samples(2), new PlanKey(3, 0)));
    double last = meanTopics(policy.plan(samples(2), new PlanKey(3, 5)));
    assertThat(first).isGreaterThan(5);
    assertThat(last).isLessThan(first - 1.5);
  }

  @Test
  void sample4GeoFillsStepsWithNeighbours() {
    Plan plan = new Sample4Geo(10, 20, 6, 4).plan(samples(2), new PlanKey(3, 0));
    assertThat(meanTopics(plan)).isLessThan(3);
    assertThat(plan.removed().count()).isLessThan(10);
    assertThat(meanTopics(new RandomBatches(10, true).plan(samples(2), new PlanKey(3, 0))))
        .isGreaterThan(4);
  }

  @Test
  void whatAPolicyNeedsIsNamed() {
    Dataset<Row> bare = samples(1).drop("cluster", "embedding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tas.PAPER.plan(bare, new PlanKey(1, 0)))
        .withMessage("Tas needs the column cluster in the samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ngame.PAPER.plan(bare, new PlanKey(1, 0)))
        .withMessage("Ngame needs the column embedding in the samples");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Ngame(16, 1, List.of(3, 3), true))
        .withMessageContaining("must ascend");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sample4Geo(16, 10, 8, 8))
        .withMessage("Sample4Geo.poolSize must be at least near + far = 16, got 10");
  }

  private static Map<Long, List<Row>> steps(Plan plan) {
    return sorted(plan.rows()).stream()
        .collect(Collectors.groupingBy(row -> row.getLong(1), TreeMap::new, Collectors.toList()));
  }

  private static double meanTopics(Plan plan) {
    return steps(plan).values().stream().mapToLong(ClusterPoliciesTest::topics).average().orElse(0);
  }

  private static long topics(List<Row> step) {
    return step.stream().map(row -> row.getLong(4) % TOPICS).distinct().count();
  }
}
