package io.batchwright.data.pack;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.technique.Paper;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One sample, one sequence: shards are flat, so nothing is padded and nothing needs packing. */
@Paper(title = "no packing")
public record NoPacking() implements Packing {
  /** It has no fields. */
  public static final NoPacking PAPER = new NoPacking();

  @Override
  public Dataset<Row> pack(Dataset<Row> plan) {
    return plan.withColumn("sequence", col("position")).withColumn("start", lit(0));
  }
}
