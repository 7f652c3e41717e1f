package io.batchwright.jobs.run;

import io.batchwright.train.rank.TaskSlots;
import io.batchwright.ui.Console;
import io.batchwright.ui.TaskProgress;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** The session of one run: opened when first asked for, stopped at the end. */
final class RunSession implements AutoCloseable {
  private final String name;
  private final RunSettings settings;
  private final int ranks;
  private final Console console;
  private final Optional<IntermediateFiles> files;
  private SparkSession spark;

  /** The session of a job that keeps no output folder. */
  RunSession(String name, RunSettings settings, int ranks, Console console) {
    this(name, settings, ranks, console, Optional.empty());
  }

  /**
   * A session.
   *
   * @param ranks tasks that must be able to run at the same time; 0 asks for nothing
   * @param files where intermediate tables go that must outlive an executor
   */
  RunSession(
      String name,
      RunSettings settings,
      int ranks,
      Console console,
      Optional<IntermediateFiles> files) {
    this.name = name;
    this.settings = settings;
    this.ranks = ranks;
    this.console = console;
    this.files = files;
  }

  synchronized SparkSession spark() {
    if (spark == null) {
      spark = SparkSessions.open(name, settings);
      if (ranks > 0) {
        TaskSlots.require(spark.sparkContext(), ranks);
      }
      files.ifPresent(folder -> folder.useIn(spark.sparkContext()));
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
    files.ifPresent(IntermediateFiles::delete);
  }
}
