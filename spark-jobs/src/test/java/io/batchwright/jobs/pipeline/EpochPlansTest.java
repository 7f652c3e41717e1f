package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.batch.EpochPlans;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.TestSession;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EpochPlansTest {
  private static SparkSession spark;
  private static Dataset<Row> samples;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
    List<Row> rows = new ArrayList<>();
    for (long sample = 0; sample < 50; sample++) {
      Row query = RowFactory.create("query", 2 * sample, 5);
      Row positive = RowFactory.create("positive", 2 * sample + 1, 7);
      rows.add(RowFactory.create(sample, "s" + sample, "a", List.of(query, positive), sample * 31));
    }
    samples = spark.createDataFrame(rows, Tables.SAMPLES).withColumn("bucket", lit(0));
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void withoutALimitEveryEpochIsPlannedWhole() {
    EpochPlans plans = plans(3, 0);
    assertThat(plans.epochs()).isEqualTo(3);
    assertThat(plans.rows().select("epoch", "step").distinct().count()).isEqualTo(15);
    assertThat(plans.removed().count()).isZero();
  }

  @Test
  void thePlanIsCutAtTheLastStepThatIsWanted() {
    EpochPlans plans = plans(9, 7);
    assertThat(plans.epochs()).isEqualTo(2);
    assertThat(plans.rows().select("epoch", "step").distinct().count()).isEqualTo(7);
    assertThat(plans.rows().where("epoch = 1").agg(Map.of("step", "max")).head().getLong(0))
        .isEqualTo(1);
    assertThat(Reasons.count(plans.removed())).isEqualTo(Map.of("maximum_steps", 30L));
    assertThat(plans.rows().count() + plans.removed().count()).isEqualTo(2 * 50);
    List<Row> whole = plans(2, 0).rows().where("epoch = 0").orderBy("sample").collectAsList();
    assertThat(plans.rows().where("epoch = 0").orderBy("sample").collectAsList()).isEqualTo(whole);
  }

  @Test
  void fewerEpochsThanWouldFillTheLimitArePlannedWhole() {
    EpochPlans plans = plans(2, 100);
    assertThat(plans.epochs()).isEqualTo(2);
    assertThat(plans.rows().count()).isEqualTo(100);
    assertThat(plans(4, 5).epochs()).isEqualTo(1);
  }

  private static EpochPlans plans(int epochs, int maximumSteps) {
    String recipe =
        """
        batches: {policy: {name: RandomBatches, pairsPerStep: 10, dropLast: true}, maximumSteps: %d}
        train: {epochs: %d}
        """
            .formatted(maximumSteps, epochs);
    PipelineRecipe read =
        RecipeReader.read(PipelineRecipe.class, new Recipe("test", recipe), List.of()).config();
    return read.batches().policy().plan(samples, read.epochs(0, epochs, 0));
  }
}
