package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How much text a table holds.
 *
 * @param documents its rows
 * @param bytes of its texts in UTF-8
 */
record TextSize(long documents, long bytes) {
  static TextSize of(SparkSession spark, String path) {
    Row row =
        spark
            .read()
            .parquet(path)
            .agg(count(lit(1)), sum(octet_length(col("text")).cast("bigint")))
            .head();
    return new TextSize(row.getLong(0), row.getLong(1));
  }

  double megabytes() {
    return bytes / 1e6;
  }

  /** MB of text per second and core. */
  double rate(double seconds, int cores) {
    return megabytes() / seconds / cores;
  }
}
