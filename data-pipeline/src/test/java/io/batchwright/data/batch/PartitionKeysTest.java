package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionKeysTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("partition", DataTypes.IntegerType, false)
          .add("key", DataTypes.IntegerType, false);
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void sparkSendsEachKeyToItsPartition(int partitions) {
    int[] keys = PartitionKeys.of(partitions);
    List<Row> rows = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      rows.add(RowFactory.create(partition, keys[partition]));
    }
    assertThat(
            spark
                .createDataFrame(rows, SCHEMA)
                .repartition(partitions, col("key"))
                .select(col("partition"), spark_partition_id().as("placed"))
                .collectAsList())
        .hasSize(partitions)
        .allSatisfy(row -> assertThat(row.getInt(1)).isEqualTo(row.getInt(0)));
  }
}
