package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.negative.JudgedCandidates;
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

class MinedFiguresTest {
  private static final StructType DECIDED =
      JudgedCandidates.SCHEMA
          .add("reason", DataTypes.StringType)
          .add("place", DataTypes.IntegerType);
  private static final StructType POSITIVES =
      new StructType().add("query_id", DataTypes.StringType).add("doc_id", DataTypes.StringType);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSession.open();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** A candidate whose positive scores 10, by miner and guide. */
  private static Row candidate(String query, String document, double score, boolean known) {
    String reason = known ? "known_positive" : null;
    float guide = (float) (2 * score);
    return RowFactory.create(
        query,
        document,
        1,
        (float) score,
        "test",
        known,
        false,
        10f,
        10f,
        10f,
        guide,
        10f,
        reason,
        known ? null : 1);
  }

  @Test
  void marginsAreSpreadAsTheyWouldBeDrawn() {
    // Margins 0, 9.9 and 10 of q1; 5 and 5 of q2.
    Dataset<Row> decided =
        spark.createDataFrame(
            List.of(
                candidate("q1", "d1", 10, false),
                candidate("q1", "d2", 0.1, false),
                candidate("q1", "d3", 0, false),
                candidate("q1", "d4", 100, true),
                candidate("q2", "d1", 5, false),
                candidate("q2", "d2", 5, false)),
            DECIDED);
    MarginBalance byMiner = MarginBalance.of(decided, false);
    assertThat(byMiner.smallest()).isZero();
    assertThat(byMiner.largest()).isEqualTo(10);
    assertThat(byMiner.before())
        .containsExactly(new double[] {1 / 6.0, 0, 0, 0, 0, 0.5, 0, 0, 0, 1 / 3.0}, within(1e-9));
    assertThat(byMiner.after())
        .containsExactly(new double[] {0.25, 0, 0, 0, 0, 0.5, 0, 0, 0, 0.25}, within(1e-9));
    MarginBalance byGuide = MarginBalance.of(decided, true);
    assertThat(byGuide.smallest()).isEqualTo(-10);
    assertThat(MarginBalance.of(decided.where("known_positive"), false).before()).containsOnly(0);
  }

  @Test
  void hardnessIsWhatARandomBatchMeets() {
    List<Row> positives = new ArrayList<>();
    positives.add(RowFactory.create("q1", "d4"));
    positives.add(RowFactory.create("q2", "d1"));
    positives.add(RowFactory.create("q3", "d1"));
    // Of the two other pairs' positives q1 finds both hard, q2 and q3 none.
    Dataset<Row> decided =
        spark.createDataFrame(
            List.of(candidate("q1", "d1", 3, false), candidate("q1", "d4", 9, true)), DECIDED);
    Dataset<Row> pairs = spark.createDataFrame(positives, POSITIVES);
    BatchHardness hardness = BatchHardness.ofRandomBatches(decided, pairs);
    assertThat(hardness.share()).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(hardness.depth()).isEqualTo(1); // one candidate of a query is all there is
    assertThat(BatchHardness.ofRandomBatches(decided, pairs.limit(1)).share()).isNaN();
    Dataset<Row> deep = decided.withColumn("rank", lit(120));
    assertThat(BatchHardness.ofRandomBatches(deep, pairs))
        .isEqualTo(new BatchHardness(BatchHardness.TOP, 0));
  }
}
