package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The samples of several epochs: the same in each, or drawn for each, but as many.
 *
 * @param rows samples with their {@code bucket}
 * @param epochs the epochs that a sample is in, an array of int; null for all
 * @param counts samples of each bucket in an epoch
 */
record EpochSamples(
    Dataset<Row> rows, Column epochs, IntFunction<SortedMap<Integer, Long>> counts) {
  /** All {@code rows} in each epoch. */
  static EpochSamples same(Dataset<Row> rows) {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    List<Row> byBucket = rows.groupBy("bucket").count().collectAsList();
    byBucket.forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
    return new EpochSamples(rows, lit(null), epoch -> counts);
  }

  /** Those of {@code rows} whose column {@code epochs} says so. */
  static EpochSamples drawn(Dataset<Row> rows) {
    Map<Integer, SortedMap<Integer, Long>> counts = new HashMap<>();
    rows.select(explode(col("epochs")).as("epoch"), col("bucket"))
        .groupBy("epoch", "bucket")
        .count()
        .collectAsList()
        .forEach(
            row ->
                counts
                    .computeIfAbsent(row.getInt(0), epoch -> new TreeMap<>())
                    .put(row.getInt(1), row.getLong(2)));
    return new EpochSamples(
        rows, col("epochs"), epoch -> counts.getOrDefault(epoch, Collections.emptySortedMap()));
  }

  /** The samples of {@code epoch}. */
  long count(int epoch) {
    return counts.apply(epoch).values().stream().mapToLong(Long::longValue).sum();
  }
}
