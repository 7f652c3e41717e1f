package io.batchwright.jobs.run;

import io.batchwright.ui.Console;
import io.batchwright.ui.TaskProgress;
import org.apache.spark.sql.SparkSession;

/** The session of one run: opened when first asked for, stopped at the end. */
final class RunSession implements AutoCloseable {
  private final String name;
  private final RunSettings settings;
  private final int ranks;
  private final Console console;
  private SparkSession spark;

  RunSession(String name, RunSettings settings, int ranks, Console console) {
    this.name = name;
    this.settings = settings;
    this.ranks = ranks;
    this.console = console;
  }

  synchronized SparkSession spark() {
    if (spark == null) {
      spark = SparkSessions.open(name, settings);
      SparkSessions.requireSlots(spark, ranks);
      spark.sparkContext().addSparkListener(new TaskProgress(console));
      spark
          .sparkContext()
          .uiWebUrl()
          .foreach(
              url -> {
                console.line("Spark UI  " + url);
                return null;
              });
    }
    return spark;
  }

  @Override
  public synchronized void close() {
    if (spark != null) {
      spark.stop();
      spark = null;
    }
  }
}
