package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.TestSession;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BankVectorsTest {
  private static final StructType VECTORS =
      new StructType()
          .add("text_id", DataTypes.LongType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType));
  private static final int QUERIES = 50;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSession.open();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void aControlHasTheSameVectorsUnderOtherQueries() {
    List<Row> rows = new ArrayList<>();
    for (long query = 0; query < QUERIES; query++) {
      rows.add(RowFactory.create(7 * query, new float[] {query, 1}));
    }
    Dataset<Row> vectors = spark.createDataFrame(rows, VECTORS);
    BankVectors bank = new BankVectors(11);
    SortedMap<Long, Float> permuted = firsts(bank.permuted(vectors, vectors.select("text_id"), 2));
    assertThat(permuted.keySet()).isEqualTo(firsts(vectors).keySet());
    assertThat(permuted.values()).containsExactlyInAnyOrderElementsOf(firsts(vectors).values());
    assertThat(permuted.entrySet().stream().filter(e -> e.getKey() == 7 * e.getValue().longValue()))
        .hasSizeLessThan(QUERIES / 5);
    assertThat(
            firsts(
                bank.permuted(vectors.repartition(3), vectors.select("text_id").repartition(3), 2)))
        .isEqualTo(permuted);
    assertThat(firsts(bank.permuted(vectors, vectors.select("text_id"), 3))).isNotEqualTo(permuted);
  }

  /** The first number of each vector. */
  private static SortedMap<Long, Float> firsts(Dataset<Row> vectors) {
    SortedMap<Long, Float> firsts = new TreeMap<>();
    vectors
        .collectAsList()
        .forEach(row -> firsts.put(row.getLong(0), row.<Float>getList(1).get(0)));
    return firsts;
  }
}
