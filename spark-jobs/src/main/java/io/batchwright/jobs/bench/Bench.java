package io.batchwright.jobs.bench;

import io.batchwright.jobs.run.BenchRecord;
import io.batchwright.jobs.run.JobContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What an area measures with: a session, a working folder, and where figures go. */
public final class Bench {
  private final JobContext<BenchRecipe> context;
  private final Map<String, BenchRecord.Figure> figures = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final List<BenchTable> tables = new ArrayList<>();

  Bench(JobContext<BenchRecipe> context) {
    this.context = context;
  }

  /** The recipe. */
  public BenchRecipe recipe() {
    return context.config();
  }

  /** The session. */
  public SparkSession spark() {
    return context.spark();
  }

  /** Tasks that run at the same time. */
  public int cores() {
    return spark().sparkContext().defaultParallelism();
  }

  /** Prints a line. */
  public void say(String format, Object... values) {
    context.console().line(String.format(Locale.ROOT, format, values));
  }

  /** A path in the working folder, which is removed at the end. */
  public String work(String name) {
    return new Path(workFolder(), name).toString();
  }

  /** A path in the output folder, which stays. */
  public String kept(String name) {
    return new Path(context.dir(), name).toString();
  }

  /** Writes {@code rows} into the working folder and returns the path. */
  public String write(String name, Dataset<Row> rows) {
    String path = work(name);
    rows.write().mode("overwrite").parquet(path);
    return path;
  }

  /** Records a figure over its repetitions; the median becomes the metric. */
  public void figure(String name, String unit, double... samples) {
    figures.put(name, BenchRecord.Figure.of(name, unit, samples));
    missing.remove(name);
  }

  /** Records why a metric is missing, unless it was measured. */
  public void notMeasured(String name, String reason) {
    if (!figures.containsKey(name)) {
      missing.putIfAbsent(name, reason);
    }
  }

  /** Adds a table to the page. */
  public void table(BenchTable table) {
    tables.add(table);
  }

  List<BenchRecord.Figure> figures() {
    return List.copyOf(figures.values());
  }

  Map<String, String> missing() {
    return missing;
  }

  List<BenchTable> tables() {
    return tables;
  }

  void removeWork() throws IOException {
    Path folder = workFolder();
    folder.getFileSystem(spark().sessionState().newHadoopConf()).delete(folder, true);
  }

  private Path workFolder() {
    return new Path(context.dir(), "work");
  }
}
