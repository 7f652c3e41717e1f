package io.batchwright.data.bucket;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which samples are of like size, so that a step of them pads little. */
public sealed interface Bucketing extends Serializable
    permits LengthBuckets, SingleBucket, CustomBucketing {

  /**
   * Adds the column {@code bucket}, 0 .. n-1, short samples first.
   *
   * @param samples {@link io.batchwright.data.Tables#SAMPLES}
   */
  Dataset<Row> assign(Dataset<Row> samples);

  /** The tokens of all parts of a sample. */
  static Column totalLength() {
    return aggregate(col("parts"), lit(0), (sum, part) -> sum.plus(part.getField("length")));
  }
}
