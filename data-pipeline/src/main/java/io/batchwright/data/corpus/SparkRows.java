package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.failure.BatchwrightException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Gives the rows of a table, which have no position of their own, one: the 64-bit hash of the row's
 * JSON form, so that order does not follow partitioning.
 */
final class SparkRows {
  private SparkRows() {}

  /** {@code rows} with the lineage columns that {@link DocumentRows} asks for. */
  static Dataset<Row> located(Dataset<Row> rows, String path) {
    if (rows.isEmpty()) {
      throw BatchwrightException.data(path + " holds no rows.");
    }
    return rows.withColumn("_bw_order", xxhash64(to_json(struct(col("*")))))
        .withColumn("_bw_path", lit(path))
        .withColumn("_bw_position", concat(lit("row "), hex(col("_bw_order"))))
        .withColumn("_bw_reason", lit(null).cast("string"))
        .withColumn("_bw_excerpt", lit(null).cast("string"));
  }
}
