package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.Tables;
import io.batchwright.jobs.TestSession;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PlanHardnessTest {
  private static final int TOPICS = 2;
  private static final int PAIRS = 300;
  private static final StructType PLAN =
      new StructType()
          .add("step", DataTypes.LongType, false)
          .add("sample", DataTypes.LongType, false);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSession.open();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Pair i is of topic i mod 2: 150 texts a topic, more than are near. Pairs 0 and 2 are alike. */
  private static Dataset<Row> samples() {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < PAIRS; i++) {
      List<Row> parts =
          List.of(RowFactory.create("query", i, 3), RowFactory.create("positive", PAIRS + i, 3));
      rows.add(RowFactory.create(i, "s" + i, "source", parts, i == 2 ? 0 : i));
    }
    return spark.createDataFrame(rows, Tables.SAMPLES);
  }

  /** Queries lie on their topic's axis; positives spread away from it, the first the nearest. */
  private static Dataset<Row> vectors() {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < PAIRS; i++) {
      float[] axis = new float[TOPICS + 1];
      axis[(int) i % TOPICS] = 1;
      float[] spread = axis.clone();
      spread[TOPICS] = i / (float) PAIRS;
      rows.add(RowFactory.create(i, axis, "sha"));
      rows.add(RowFactory.create(PAIRS + i, spread, "sha"));
    }
    return spark.createDataFrame(rows, Tables.EMBEDDINGS);
  }

  @Test
  void batchesOfATopicAreHarderThanRandomOnes() {
    List<Row> plan = new ArrayList<>();
    for (long i = 0; i < PAIRS; i++) {
      // Two steps of pairs with near positives, one a topic, and one of all that are far.
      plan.add(RowFactory.create(i < 200 ? i % TOPICS : 2L, i));
    }
    PlanHardness hardness =
        PlanHardness.of(spark.createDataFrame(plan, PLAN), samples(), vectors()).orElseThrow();
    // Near are the 100 first positives of a topic: pairs 0 to 199. Pairs 0 and 2 answer both
    // queries, 0 has them both.
    double inTopic = 99 / 99.0;
    double ofTwo = 98 / 99.0;
    assertThat(hardness.planned()).isCloseTo((198 * inTopic + 2 * ofTwo) / PAIRS, within(1e-9));
    assertThat(hardness.random())
        .isCloseTo((198 * 99 + 2 * 98 + 100 * 100) / 299.0 / PAIRS, within(1e-9));
  }

  @Test
  void aPartOfAnEpochIsMeasuredByThePositivesOfAllSamples() {
    List<Row> plan = new ArrayList<>();
    for (long i = 180; i < 220; i++) {
      plan.add(RowFactory.create(i % TOPICS, i));
    }
    PlanHardness hardness =
        PlanHardness.of(spark.createDataFrame(plan, PLAN), samples(), vectors()).orElseThrow();
    // Of the 20 pairs a topic 10 are near, 180 to 199; the others see one more of them.
    assertThat(hardness.planned()).isCloseTo((9 + 10) / 2.0 / 19, within(1e-9));
    assertThat(hardness.random()).isCloseTo((9 + 10) / 2.0 / 39, within(1e-9));
  }

  @Test
  void withoutVectorsOfAllPositivesNothingIsSaid() {
    Dataset<Row> plan =
        spark.createDataFrame(List.of(RowFactory.create(0L, 0L), RowFactory.create(0L, 1L)), PLAN);
    assertThat(PlanHardness.of(plan, samples(), vectors().where("text_id < " + PAIRS))).isEmpty();
  }
}
