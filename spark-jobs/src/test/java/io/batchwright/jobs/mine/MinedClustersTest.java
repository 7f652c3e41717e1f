package io.batchwright.jobs.mine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.jobs.TestSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MinedClustersTest {
  private static final StructType VECTORS =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType));

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSession.open();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** {@code east} queries that point to the right, the others up. */
  private static EmbeddingTable queries(int count, int east) {
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      float aside = 0.001f * (q % 7);
      rows.add(
          RowFactory.create("q" + q, q < east ? new float[] {1, aside} : new float[] {aside, 1}));
    }
    return EmbeddingTable.check("queries", spark.createDataFrame(rows, VECTORS));
  }

  @Test
  void sizesOfListsAndOfQueriesStandOnThePage() {
    Dataset<Row> table = MinedClusters.of(queries(420, 300), Optional.of(new long[] {9, 0, 4}), 5);
    assertThat(MinedClusters.section(Optional.of(table), 420))
        .contains(
            "| documents in the lists of the search | 3 | 0 | 4 | 9 |",
            "| queries by k-means, as for Tas | 2 | 120 | 300 | 300 |",
            // 105 clusters wanted, 128 made.
            "| queries by halves, as for Ngame with a size of 4 | 128 | 3 | 3 | 4 |",
            "| queries by halves, as for Ngame with a size of 64 | 8 | 52 | 53 | 53 |")
        .doesNotContain("No k-means");
  }

  @Test
  void fewQueriesHaveNoKMeans() {
    Dataset<Row> table = MinedClusters.of(queries(6, 3), Optional.empty(), 5);
    assertThat(table.count()).isZero();
    assertThat(MinedClusters.section(Optional.of(table), 6))
        .contains("size of 4 | 2 | 3 | 3 | 3 |", "No k-means over queries")
        .doesNotContain("size of 16");
    assertThat(MinedClusters.section(Optional.empty(), 6)).contains("No k-means over queries");
  }
}
