package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.SampleColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How many samples the clusters hold that a policy draws from. */
final class ClusterSizes {
  private ClusterSizes() {}

  /** Metrics; none where the samples have no clusters. */
  static Map<String, Double> of(Dataset<Row> samples) {
    String cluster = SampleColumn.CLUSTER.column();
    if (!Arrays.asList(samples.columns()).contains(cluster)) {
      return Map.of();
    }
    List<Row> sizes = samples.groupBy(cluster).count().orderBy("count").collectAsList();
    Map<String, Double> metrics = new TreeMap<>();
    metrics.put("clusters", (double) sizes.size());
    if (!sizes.isEmpty()) {
      metrics.put("cluster_smallest", (double) sizes.get(0).getLong(1));
      metrics.put("cluster_median", (double) sizes.get(sizes.size() / 2).getLong(1));
      metrics.put("cluster_largest", (double) sizes.get(sizes.size() - 1).getLong(1));
    }
    return metrics;
  }
}
