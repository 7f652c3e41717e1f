package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.bucket.LengthBuckets;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.mixture.Mixture;
import io.batchwright.data.mixture.Proportional;
import io.batchwright.data.mixture.SourceWeight;
import io.batchwright.data.mixture.Temperature;
import io.batchwright.data.mixture.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MixedEpochsTest {
  /** Each source gives 30 of an epoch's 90 samples. */
  private static final Mixture ALIKE = Weights.DEFAULTS;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  /** 400 samples of the source code, 70 of wiki, 30 of 𝄞 (beyond 16 bits). */
  private static Dataset<Row> samples(int partitions) {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < 500; i++) {
      String source = i < 400 ? "code" : i < 470 ? "wiki" : "\uD834\uDD1E";
      Row query = RowFactory.create("query", 2 * i, 5);
      Row answer = RowFactory.create("positive", 2 * i + 1, 5 + (int) (i * 37 % 100));
      rows.add(RowFactory.create(i, "s" + i, source, List.of(query, answer), i));
    }
    return new LengthBuckets(3)
        .assign(spark.createDataFrame(rows, Tables.SAMPLES).repartition(partitions))
        .withColumn("cluster", col("sample").mod(7).cast("int"));
  }

  private static List<Row> rows(Dataset<Row> plan) {
    return plan.orderBy("epoch", "step", "position").collectAsList();
  }

  private static Map<String, Long> bySource(Dataset<Row> plan, Dataset<Row> samples) {
    Map<String, Long> counts = new TreeMap<>();
    plan.join(samples.select("sample", "source"), "sample")
        .groupBy("source")
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }

  @Test
  void everyEpochHasItsQuotasAndASourceGoesOnWhereItWas() {
    Dataset<Row> samples = samples(3).cache();
    MixedEpochs mixed = MixedEpochs.of(new RandomBatches(16, false), ALIKE, samples);
    assertThat(mixed.each()).hasValue(90);
    EpochPlans plans = mixed.plan(new EpochRange(5, 0, 7, EpochRange.ALL));
    assertThat(plans.epochs()).isEqualTo(7);
    assertThat(plans.steps()).isEqualTo(7 * 6);
    Dataset<Row> rows = plans.rows().cache();
    for (int epoch = 0; epoch < 7; epoch++) {
      Dataset<Row> ofEpoch = rows.where(col("epoch").equalTo(epoch));
      assertThat(ofEpoch.select("sample").distinct().count()).isEqualTo(90);
      assertThat(bySource(ofEpoch, samples))
          .isEqualTo(Map.of("code", 30L, "wiki", 30L, "\uD834\uDD1E", 30L));
    }
    Map<Long, Long> times =
        rows.select("sample").collectAsList().stream()
            .collect(Collectors.groupingBy(row -> row.getLong(0), Collectors.counting()));
    // 210 draws: each of wiki's 70 three times, each of the 30 every time, 210 of code once.
    assertThat(LongStream.range(400, 470).map(times::get)).containsOnly(3L);
    assertThat(LongStream.range(470, 500).map(times::get)).containsOnly(7L);
    assertThat(times).hasSize(210 + 70 + 30);
    assertThat(Reasons.count(plans.removed())).isEqualTo(Map.of("not_drawn", 400L - 210));
    assertThat(plans.removed().select("doc_id").collectAsList())
        .noneMatch(row -> times.containsKey(Long.parseLong(row.getString(0).substring(1))));
  }

  /** RandomBatches and Tas plan epochs together, NoDuplicates one by one; the last is cut. */
  @Test
  void aRangeOfEpochsIsWhatEachIsAloneForAnyPartitioning() {
    Dataset<Row> samples = samples(1).cache();
    Dataset<Row> others = samples(4);
    for (BatchPolicy policy :
        List.of(new RandomBatches(16, true), new Tas(16, true), new NoDuplicates(16, true))) {
      MixedEpochs mixed = MixedEpochs.of(policy, ALIKE, samples);
      EpochPlans range = mixed.plan(new EpochRange(5, 2, 9, 5 + 5 + 2));
      assertThat(range.epochs()).isEqualTo(3);
      List<Row> expected = new ArrayList<>();
      for (int epoch = 2; epoch < 5; epoch++) {
        long kept = epoch < 4 ? 5 : 2;
        EpochPlans alone = mixed.plan(EpochRange.of(new PlanKey(5, epoch)));
        rows(alone.rows()).stream().filter(row -> row.getLong(1) < kept).forEach(expected::add);
      }
      assertThat(rows(range.rows())).isEqualTo(expected);
      EpochPlans repartitioned =
          MixedEpochs.of(policy, ALIKE, others).plan(new EpochRange(5, 2, 9, 12));
      assertThat(rows(repartitioned.rows())).isEqualTo(expected);
      // A partial step of ten samples an epoch, three steps too many, and code's 400 - 90.
      assertThat(Reasons.count(range.removed()))
          .isEqualTo(Map.of("partial_step", 3 * 10L, "maximum_steps", 3 * 16L, "not_drawn", 310L));
      assertThat(range.rows().count()).isEqualTo(12 * 16);
    }
  }

  @Test
  void whereEverySourceGivesAllThePlansAreThoseOfThePolicy() {
    Dataset<Row> samples = samples(2).cache();
    RandomBatches policy = new RandomBatches(16, true);
    EpochRange range = new EpochRange(5, 0, 2, EpochRange.ALL);
    MixedEpochs asTheyAre = MixedEpochs.of(policy, Proportional.PAPER, samples);
    assertThat(asTheyAre.each()).isEmpty();
    assertThat(rows(asTheyAre.plan(range).rows()))
        .isEqualTo(rows(policy.plan(samples, range).rows()));
    Dataset<Row> code = samples.where("source = 'code'");
    MixedEpochs single = MixedEpochs.of(policy, Temperature.PAPER, code);
    assertThat(single.each()).isEmpty();
    assertThat(rows(single.plan(range).rows())).isEqualTo(rows(policy.plan(code, range).rows()));
  }

  @Test
  void aSourceOfNoWeightIsNotDrawn() {
    Dataset<Row> samples = samples(2).cache();
    Weights weights =
        new Weights(List.of(new SourceWeight("code", 0), new SourceWeight("wiki", 2)));
    EpochPlans plans =
        MixedEpochs.of(new RandomBatches(7, true), weights, samples)
            .plan(new EpochRange(5, 0, 9, EpochRange.ALL));
    // Twice 30 of wiki, and all 30 of the third.
    assertThat(bySource(plans.rows().where("epoch = 8"), samples))
        .containsOnlyKeys("wiki", "\uD834\uDD1E")
        .allSatisfy((source, count) -> assertThat(count).isBetween(20L, 60L));
    assertThat(plans.steps()).isEqualTo(9 * (90 / 7));
    assertThat(Reasons.count(plans.removed()))
        .isEqualTo(Map.of("not_drawn", 400L, "partial_step", 9L * (90 % 7)));
  }
}
