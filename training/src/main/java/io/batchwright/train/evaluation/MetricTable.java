package io.batchwright.train.evaluation;

import java.util.Arrays;
import java.util.List;

/** One system's metrics, query by query. */
public final class MetricTable {
  private final Ids names;
  private final int[] queries;
  private final List<Metric> metrics;
  private final double[][] values;

  MetricTable(Ids names, int[] queries, List<Metric> metrics, double[][] values) {
    this.names = names;
    this.queries = queries;
    this.metrics = metrics;
    this.values = values;
  }

  public List<Metric> metrics() {
    return metrics;
  }

  /** How many queries were scored. */
  public int size() {
    return queries.length;
  }

  /** The id of the query in row {@code row}. */
  public String query(int row) {
    return names.name(queries[row]);
  }

  /** The ordinal in the judgements of the query in row {@code row}. */
  public int ordinal(int row) {
    return queries[row];
  }

  /** One metric over all rows. */
  public double[] values(Metric metric) {
    int found = metrics.indexOf(metric);
    if (found < 0) {
      throw new IllegalArgumentException(metric.label() + " was not measured, only " + metrics);
    }
    return values[found].clone();
  }

  /** One metric of the query in row {@code row}. */
  public double value(Metric metric, int row) {
    return values[metrics.indexOf(metric)][row];
  }

  public double mean(Metric metric) {
    return Arrays.stream(values(metric)).average().orElse(0);
  }
}
