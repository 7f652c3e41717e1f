package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.batchwright.data.bucket.PaddingWaste;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a plan looks like.
 *
 * @param steps the number of steps
 * @param samples the number of samples
 * @param tokens the tokens of all samples
 * @param largestStep the samples of the largest step
 * @param paddingWaste the share of padding if each sample were padded to the longest of its step
 * @param samplesBySource the samples of each source
 * @param sourcesPerStep how many sources a step holds on average
 */
public record PlanSummary(
    long steps,
    long samples,
    long tokens,
    long largestStep,
    double paddingWaste,
    SortedMap<String, Long> samplesBySource,
    double sourcesPerStep) {

  /** Reads one epoch's plan. */
  public static PlanSummary of(Dataset<Row> plan, Dataset<Row> samples) {
    Row figures =
        plan.groupBy("step")
            .agg(
                count(lit(1)).as("samples"),
                sum(col("length")).as("tokens"),
                max(col("length")).as("longest"))
            .agg(
                count(lit(1)),
                sum(col("samples")),
                sum(col("tokens")),
                max(col("samples")),
                sum(col("samples").multiply(col("longest"))))
            .head();
    Dataset<Row> sources =
        plan.select("step", "sample").join(samples.select("sample", "source"), "sample");
    List<Row> bySource = sources.groupBy("source").count().collectAsList();
    SortedMap<String, Long> samplesBySource = new TreeMap<>();
    bySource.forEach(row -> samplesBySource.put(row.getString(0), row.getLong(1)));
    long steps = figures.getLong(0);
    if (steps == 0) {
      return new PlanSummary(0, 0, 0, 0, 0, samplesBySource, 0);
    }
    long stepSources =
        sources
            .groupBy("step")
            .agg(countDistinct(col("source")).as("n"))
            .agg(sum("n"))
            .head()
            .getLong(0);
    long tokens = figures.getLong(2);
    return new PlanSummary(
        steps,
        figures.getLong(1),
        tokens,
        figures.getLong(3),
        PaddingWaste.share(tokens, figures.getLong(4)),
        samplesBySource,
        (double) stepSources / steps);
  }
}
