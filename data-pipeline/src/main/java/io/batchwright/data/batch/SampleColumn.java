package io.batchwright.data.batch;

import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A column that a policy reads besides those of the samples table. */
public enum SampleColumn {
  /** The vector of the sample's query, array of float. */
  EMBEDDING("embedding"),
  /** The vector of the sample's positive, array of float. */
  POSITIVE_EMBEDDING("positive_embedding"),
  /** The cluster of the sample's query, int. */
  CLUSTER("cluster"),
  /** What the sample is of, such as its query's group; text. */
  LABEL("label"),
  /** How much better a teacher finds the sample's positive than its negative; float. */
  MARGIN("margin");

  private final String column;

  SampleColumn(String column) {
    this.column = column;
  }

  /** Its name in the samples. */
  public String column() {
    return column;
  }

  /**
   * Requires the column.
   *
   * @throws IllegalArgumentException if {@code samples} lack it
   */
  void require(Dataset<Row> samples, BatchPolicy policy) {
    if (!Arrays.asList(samples.columns()).contains(column)) {
      throw new IllegalArgumentException(
          "%s needs the column %s in the samples"
              .formatted(policy.getClass().getSimpleName(), column));
    }
  }
}
