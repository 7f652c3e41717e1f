package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.TestSpark;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NeighbourSearchTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType));

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  /** Ids are "a000", "a001", ... in the order of the vectors. */
  private static Dataset<Row> table(String prefix, float[][] vectors) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      rows.add(RowFactory.create("%s%03d".formatted(prefix, i), vectors[i]));
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static EmbeddingTable checked(Dataset<Row> table) {
    return EmbeddingTable.check("embeddings", table);
  }

  @Test
  void equalsAFullSortForAnyPartitioningAndAnyBatchOfQueries() {
    float[][] queries = ExactSearchTest.integers("queries", 40);
    float[][] documents = ExactSearchTest.integers("documents", 500);
    for (int partitions : new int[] {1, 5}) {
      NeighbourSearch search =
          new NeighbourSearch(15, Similarity.INNER_PRODUCT, new ExactSearch(16, 64, false), 1);
      List<Row> found =
          search
              .search(
                  checked(table("q", queries).repartition(partitions)),
                  checked(table("d", documents).repartition(partitions)))
              .orderBy("query_id", "rank")
              .collectAsList();
      assertThat(found).hasSize(40 * 15);
      for (int q = 0; q < 40; q++) {
        int[] expected =
            ExactSearchTest.fullSort(queries[q], documents, Similarity.INNER_PRODUCT, 15);
        for (int i = 0; i < 15; i++) {
          Row row = found.get(q * 15 + i);
          assertThat(row.getString(0)).isEqualTo("q%03d".formatted(q));
          assertThat(row.getString(1)).isEqualTo("d%03d".formatted(expected[i]));
          assertThat(row.getInt(2)).isEqualTo(i + 1);
          assertThat(row.getFloat(3))
              .isEqualTo(
                  (float)
                      ExactSearchTest.score(
                          queries[q], documents[expected[i]], Similarity.INNER_PRODUCT));
        }
      }
    }
  }

  @Test
  void listsAreExactWithAllProbesAndMissSomethingWithFewer() {
    float[][] queries = ExactSearchTest.integers("queries", 40);
    float[][] documents = ExactSearchTest.integers("documents", 500);
    float[][] centres = ExactSearchTest.integers("centres", 20);
    NeighbourSearch exact =
        new NeighbourSearch(15, Similarity.INNER_PRODUCT, new ExactSearch(16, 64, false), 1);
    EmbeddingTable asked = checked(table("q", queries).repartition(3));
    EmbeddingTable all = checked(table("d", documents).repartition(4));
    List<Row> expected = sorted(exact.search(asked, all));
    assertThat(sorted(new ListSearch(exact, 20).search(asked, all, centres))).isEqualTo(expected);
    List<Row> few = sorted(new ListSearch(exact, 4).search(asked, all, centres));
    assertThat(few).isEqualTo(sorted(new ListSearch(exact, 4).search(asked, all, centres)));
    few.retainAll(expected); // rows with the same rank, too
    assertThat(few.size()).isBetween(1, expected.size() - 1);
    assertThatThrownBy(() -> new ListSearch(exact, 4).search(asked, all, new float[1][3]))
        .hasMessageContaining("and centres 3");
  }

  private static List<Row> sorted(Dataset<Row> found) {
    return new ArrayList<>(found.orderBy("query_id", "rank").collectAsList());
  }

  @Test
  void queriesGoInBatchesWhereTheyAreMany() {
    // 24 dims and k = 30,000: a batch of 1 MB holds two queries.
    float[][] vectors = ExactSearchTest.integers("documents", 9);
    Dataset<Row> found =
        new NeighbourSearch(30_000, Similarity.COSINE, new ExactSearch(16, 64, false), 1)
            .search(checked(table("q", vectors)), checked(table("d", vectors)));
    assertThat(found.count()).isEqualTo(81);
    assertThat(found.where("rank = 1 AND score > 0.9999").count()).isEqualTo(9);
  }

  @Test
  void vectorsOfZerosAreSetApartAndNormsAreKnown() {
    EmbeddingTable table = checked(table("d", new float[][] {{3, 4}, {0, 0}, {0, 1}}));
    assertThat(table.count()).isEqualTo(3);
    assertThat(table.zeroCount()).isEqualTo(1);
    assertThat(table.zero().collectAsList()).containsExactly(RowFactory.create("d001"));
    assertThat(table.rows().count()).isEqualTo(2);
    assertThat(table.smallestNorm()).isEqualTo(1);
    assertThat(table.largestNorm()).isEqualTo(5);
    assertThat(table.unitLength()).isFalse();
    assertThat(checked(table("d", new float[][] {{0.6f, 0.8f}, {0, 0}})).unitLength()).isTrue();
  }

  @Test
  void badTablesAreRefusedByIdAndExitCodeThree() {
    refused(table("d", new float[][] {{1, 2}, {1, Float.NaN}}), "not finite, such as that of d001");
    refused(
        table("d", new float[][] {{1, 2}, {1, Float.POSITIVE_INFINITY}}),
        "not finite, such as that of d001");
    refused(table("d", new float[][] {{1, 2}, null}), "missing or hold");
    refused(
        table("d", new float[][] {{1, 2}, {1, 2, 3}}),
        "unequal lengths: 2 dims for d000, 3 for d001");
    Dataset<Row> one = table("d", new float[][] {{1, 2}});
    refused(one.union(one), "2 rows for 1 ids; d000 comes more than once");
    refused(table("d", new float[0][]), "There are no embeddings");
    assertThatThrownBy(
            () ->
                NeighbourSearch.of(3)
                    .search(
                        checked(table("q", new float[][] {{1, 2}})),
                        checked(table("d", new float[][] {{1, 2, 3}}))))
        .hasMessage("queries have 2 dims and documents 3");
  }

  @Test
  void missingIdsAreNamed() {
    EmbeddingTable table = checked(table("d", new float[][] {{1, 2}, {0, 0}}));
    table.requireAll("documents", table("d", new float[][] {{1}, {1}}));
    assertThatThrownBy(
            () -> table.requireAll("documents", table("d", new float[][] {{1}, {1}, {1}})))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage("1 of the documents have no embedding, such as d002.");
  }

  private static void refused(Dataset<Row> table, String message) {
    assertThatThrownBy(() -> checked(table))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(((BatchwrightException) e).exitCode()).isEqualTo(3));
  }

  @Test
  void thePairsOfTwoTasksAreMergedByScoreThenOrdinal() {
    Neighbours a = new Neighbours(new long[] {4, 9}, new float[] {0.9f, 0.5f});
    Neighbours b = new Neighbours(new long[] {1, 3, 2}, new float[] {0.9f, 0.5f, 0.1f});
    Neighbours merged = Neighbours.merge(a, b, 4);
    assertThat(merged.documents()).containsExactly(1, 4, 3, 9);
    assertThat(Arrays.toString(merged.scores())).isEqualTo("[0.9, 0.9, 0.5, 0.5]");
  }
}
