package io.batchwright.data.bucket;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * Buckets by total length that hold about the same number of tokens each.
 *
 * <p>Going through the samples from the shortest on, a new bucket opens once the running sum of
 * lengths exceeds {@code total / buckets}. Samples of one length are never parted, so there can be
 * fewer buckets than asked for.
 *
 * <p><b>Deviations from the reference:</b> lhotse estimates the edges from the first 10,000 items;
 * here they come from the lengths of all samples, which Spark counts exactly.
 *
 * @param buckets the number of buckets; at least 1
 */
@Paper(
    title = "Lhotse: a speech data representation library for the modern deep learning ecosystem",
    arxiv = "2110.12561",
    where = "DynamicBucketingSampler, estimate_duration_buckets")
public record LengthBuckets(int buckets) implements Bucketing {
  /** lhotse's 10 buckets. */
  public static final LengthBuckets PAPER = new LengthBuckets(10);

  /** Checks the ranges. */
  public LengthBuckets {
    Check.atLeast("LengthBuckets.buckets", buckets, 1);
  }

  @Override
  public Dataset<Row> assign(Dataset<Row> samples) {
    SortedMap<Integer, Long> lengths = new TreeMap<>();
    samples
        .groupBy(Bucketing.totalLength().as("length"))
        .count()
        .collectAsList()
        .forEach(row -> lengths.put(row.getInt(0), row.getLong(1)));
    int[] longest = edges(lengths);
    UDF1<Integer, Integer> bucketOf =
        length -> {
          int found = Arrays.binarySearch(longest, length);
          return found >= 0 ? found : -found - 1;
        };
    return samples
        .withColumn("total_length", Bucketing.totalLength())
        .withColumn(
            "bucket",
            udf(bucketOf, DataTypes.IntegerType).asNonNullable().apply(col("total_length")))
        .drop("total_length");
  }

  /** The longest length of each bucket, from how many samples have each length. */
  int[] edges(SortedMap<Integer, Long> lengths) {
    double total = 0;
    for (var entry : lengths.entrySet()) {
      total += (double) entry.getKey() * entry.getValue();
    }
    double target = total / buckets;
    List<Integer> edges = new ArrayList<>();
    double sum = 0;
    int last = 0;
    for (var entry : lengths.entrySet()) {
      double tokens = (double) entry.getKey() * entry.getValue();
      if (sum > 0 && sum + tokens > target && edges.size() + 1 < buckets) {
        edges.add(last);
        sum = 0;
      }
      sum += tokens;
      last = entry.getKey();
    }
    edges.add(last);
    return edges.stream().mapToInt(Integer::intValue).toArray();
  }
}
