package io.batchwright.data.dedup;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * Lets rows through whose first column, the {@code key}, may be one of a set: all true members, and
 * a stated share of others. Of more than a stated number of keys no filter is made, and everything
 * passes.
 */
public final class BloomKeys implements FilterFunction<Row> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<BloomFilter> filter;

  /**
   * A filter of {@code keys} (key); computes them twice.
   *
   * @param most the most keys of which a filter is made, 10 bits each at a hundredth
   * @param falsePositives the share of others that pass
   */
  public BloomKeys(Dataset<Row> keys, long most, double falsePositives) {
    long count = keys.count();
    filter = count > most ? null : broadcast(keys, count, falsePositives);
  }

  private static Broadcast<BloomFilter> broadcast(
      Dataset<Row> keys, long count, double falsePositives) {
    BloomFilter made =
        count == 0
            ? BloomFilter.create(1) // Spark makes null of no rows
            : keys.stat().bloomFilter("key", count, falsePositives);
    return JavaSparkContext.fromSparkContext(keys.sparkSession().sparkContext()).broadcast(made);
  }

  @Override
  public boolean call(Row row) {
    return filter == null || filter.value().mightContainLong(row.getLong(0));
  }
}
