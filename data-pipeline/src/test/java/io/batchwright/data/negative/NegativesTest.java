package io.batchwright.data.negative;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NegativesTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  private static Dataset<Row> queries() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      rows.add(RowFactory.create("q" + i, i < 2 ? "Same text" : "text " + i, "a", "g", "train"));
    }
    return spark.createDataFrame(rows, Tables.QUERIES);
  }

  private static Dataset<Row> documents() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(RowFactory.create("d" + i, "a", "text", null));
    }
    return spark.createDataFrame(rows, Tables.DOCUMENTS);
  }

  @Test
  void randomNegativesFollowSeedAndQueryAlone() {
    RandomNegatives miner = new RandomNegatives(5);
    List<Row> mined = mine(miner, 1, 1);
    assertThat(mined).hasSize(50).doesNotHaveDuplicates().isEqualTo(mine(miner, 1, 3));
    assertThat(mine(miner, 2, 1)).isNotEqualTo(mined);
    assertThat(mined.stream().map(row -> row.getString(1)).distinct()).hasSizeGreaterThan(15);
    assertThat(mine(new RandomNegatives(100), 1, 1)).hasSize(200);
  }

  private static List<Row> mine(NegativeMiner miner, long seed, int partitions) {
    return miner
        .mine(
            new NegativeMiner.Corpus(
                queries().repartition(partitions), documents().repartition(partitions), seed))
        .orderBy("query_id", "rank")
        .collectAsList();
  }

  @Test
  void answersOfAQueryWithTheSameTextAreNoNegatives() {
    Dataset<Row> candidates =
        new RandomNegatives(100).mine(new NegativeMiner.Corpus(queries(), documents(), 1));
    Dataset<Row> qrels =
        spark.createDataFrame(
            List.of(RowFactory.create("q0", "d3", 1), RowFactory.create("q5", "d4", 1)),
            Tables.QRELS);
    Dataset<Row> judged =
        new JudgedCandidates(queries(), documents(), qrels, noScores(), Optional.empty())
            .of(candidates);
    assertThat(judged.count()).isEqualTo(200);
    Dataset<Row> kept = judged.where(functions.not(KnownPositives.PAPER.excludes()));
    assertThat(kept.count()).isEqualTo(197);
    assertThat(kept.where("query_id = 'q1' AND doc_id = 'd3'").count()).isZero();
    assertThat(kept.schema().names()).isEqualTo(JudgedCandidates.SCHEMA.names());
  }

  @Test
  void copiesOfAnAnswerAreNoNegativesWhateverTheirIds() {
    Dataset<Row> candidates =
        new RandomNegatives(100).mine(new NegativeMiner.Corpus(queries(), documents(), 1));
    Dataset<Row> qrels =
        spark.createDataFrame(List.of(RowFactory.create("q5", "d4", 1)), Tables.QRELS);
    Dataset<Row> judged =
        new JudgedCandidates(queries(), documents(), qrels, noScores(), Optional.empty())
            .of(candidates);
    // All twenty documents say "text".
    assertThat(judged.where(SameAnswer.PAPER.excludes()).select("query_id").distinct().count())
        .isEqualTo(1);
    assertThat(judged.where(SameAnswer.PAPER.excludes()).count()).isEqualTo(20);
  }

  private static Dataset<Row> noScores() {
    return Tables.empty(spark, Tables.CANDIDATES).select("query_id", "doc_id", "score");
  }
}
