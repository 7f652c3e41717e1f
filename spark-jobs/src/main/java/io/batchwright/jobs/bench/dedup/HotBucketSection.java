package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Mode;
import io.batchwright.data.dedup.Scope;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.tensor.RandomStream;
import java.io.IOException;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * A bucket that everybody is in, against buckets of two, at a heap of 1 GB.
 *
 * <p>Texts of a group are 20 equal words that differ in their capitals alone: different texts,
 * equal shingles, so they share the keys of all bands.
 */
final class HotBucketSection {
  private static final String NAME = "hot-bucket";
  private static final int HEAP_MEGABYTES = 1024;
  private static final String[] METRICS = {
    "dedup_hot_bucket_ratio",
    "dedup_hot_bucket_ratio_anchored",
    "dedup_hot_bucket_seconds",
    "dedup_hot_bucket_uniform_seconds",
    "dedup_hot_bucket_members"
  };

  void measure(Bench bench) throws InterruptedException {
    if (Runtime.getRuntime().maxMemory() <= (HEAP_MEGABYTES + 64L) << 20) {
      here(bench);
      return;
    }
    try {
      JsonNode metrics = ChildBench.run(bench, NAME, HEAP_MEGABYTES).path("metrics");
      for (String name : METRICS) {
        bench.figure(name, unit(name), metrics.path(name).asDouble());
      }
      bench.table(
          BenchTable.of(
                  "One hot bucket at a heap of 1 GB",
                  "members",
                  "uniform s",
                  "hot s",
                  "ratio",
                  "ratio, anchored")
              .row(
                  "%,d".formatted(metrics.path(METRICS[4]).asLong()),
                  number(metrics.path(METRICS[3]).asDouble()),
                  number(metrics.path(METRICS[2]).asDouble()),
                  number(metrics.path(METRICS[0]).asDouble()),
                  number(metrics.path(METRICS[1]).asDouble()))
              .note(
                  "Uniform: as many documents of the same length in buckets of two. Hot: all in"
                      + " one bucket of each band. Mode components without verification; the last"
                      + " column is the default mode, which verifies. A process of its own; the"
                      + " best of two runs after a smaller one."));
    } catch (IOException e) {
      for (String name : METRICS) {
        bench.notMeasured(name, e.getMessage());
      }
    }
  }

  private static void here(Bench bench) {
    int members = bench.recipe().size(100_000, 1_000_000);
    Deduplicate components =
        DedupRun.with(MinHashLsh.PAPER.clustered(Mode.COMPONENTS, false), Scope.GLOBAL);
    String warm = documents(bench, "warm", members / 20 + 2, 2);
    run(bench, components, warm);
    String uniform = documents(bench, "uniform", members, 2);
    String hot = documents(bench, "hot", members, members);
    double even = Math.min(run(bench, components, uniform), run(bench, components, uniform));
    double skewed = Math.min(run(bench, components, hot), run(bench, components, hot));
    double evenAnchored = run(bench, Deduplicate.DEFAULTS, uniform);
    double skewedAnchored = run(bench, Deduplicate.DEFAULTS, hot);
    double[] values = {skewed / even, skewedAnchored / evenAnchored, skewed, even, members};
    for (int i = 0; i < METRICS.length; i++) {
      bench.figure(METRICS[i], unit(METRICS[i]), values[i]);
    }
  }

  private static double run(Bench bench, Deduplicate recipe, String input) {
    return DedupRun.of(bench.spark(), recipe, input, bench.work("hot-out")).seconds();
  }

  /** {@code count} documents in groups of {@code group}. */
  private static String documents(Bench bench, String name, int count, int group) {
    long seed = bench.recipe().seed();
    UDF1<Long, String> text = place -> text(seed, place / group, place % group);
    Dataset<Row> rows =
        bench
            .spark()
            .range(0, count, 1, 4 * bench.cores())
            .select(
                concat(lit("d"), col("id")).as("doc_id"),
                lit("hot").as("source"),
                udf(text, DataTypes.StringType).apply(col("id")).as("text"));
    return bench.write(name, rows);
  }

  /** 20 words of five letters drawn for the group, and the member's number in their capitals. */
  static String text(long seed, long group, long member) {
    RandomStream stream = RandomStream.of(seed, "hot bucket", 0, group);
    StringBuilder text = new StringBuilder(120);
    for (int word = 0; word < 20; word++) {
      long letters = stream.longAt(word) >>> 1;
      for (int i = 0; i < 5; i++) {
        char letter = (char) ('a' + letters % 26);
        boolean capital = i == 0 && (member >> word & 1) == 1;
        text.append(capital ? Character.toUpperCase(letter) : letter);
        letters /= 26;
      }
      text.append(word == 19 ? '.' : ' ');
    }
    return text.toString();
  }

  private static String unit(String metric) {
    return metric.endsWith("seconds") ? "s" : metric.endsWith("members") ? "documents" : "ratio";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
