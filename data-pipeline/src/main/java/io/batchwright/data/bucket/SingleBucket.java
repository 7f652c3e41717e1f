package io.batchwright.data.bucket;

import static org.apache.spark.sql.functions.lit;

import io.batchwright.technique.Paper;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** All samples in one bucket: for models that do not pad, such as bags of tokens. */
@Paper(title = "no bucketing")
public record SingleBucket() implements Bucketing {
  /** It has no fields. */
  public static final SingleBucket PAPER = new SingleBucket();

  @Override
  public Dataset<Row> assign(Dataset<Row> samples) {
    return samples.withColumn("bucket", lit(0));
  }
}
