package io.batchwright.jobs.run;

import io.batchwright.train.rank.TaskSlots;
import io.batchwright.train.rank.TrainRecipe;
import io.batchwright.ui.Console;
import io.batchwright.ui.TaskProgress;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * The session of one run: opened when first asked for, stopped at the end. A session that the
 * process had before, as in a notebook, is used and left running.
 */
final class RunSession implements AutoCloseable {
  private final String name;
  private final RunSettings settings;
  private final Optional<TrainRecipe> training;
  private final Console console;
  private final Optional<IntermediateFiles> files;
  private final TaskProgress progress;
  private SparkSession spark;
  private boolean borrowed;

  /** The session of a job that keeps no output folder. */
  RunSession(String name, RunSettings settings, Optional<TrainRecipe> training, Console console) {
    this(name, settings, training, console, Optional.empty());
  }

  /**
   * A session.
   *
   * @param training how ranks train, for which there must be room; empty where none do
   * @param files where intermediate tables go that must outlive an executor
   */
  RunSession(
      String name,
      RunSettings settings,
      Optional<TrainRecipe> training,
      Console console,
      Optional<IntermediateFiles> files) {
    this.name = name;
    this.settings = settings;
    this.training = training;
    this.console = console;
    this.files = files;
    this.progress = new TaskProgress(console);
  }

  /** A session that somebody else opened, configured and will stop. */
  static RunSession given(
      SparkSession spark,
      Optional<TrainRecipe> training,
      Console console,
      Optional<IntermediateFiles> files) {
    RunSession session = new RunSession("", RunSettings.DEFAULTS, training, console, files);
    session.spark = spark;
    session.borrowed = true;
    training.ifPresent(recipe -> TaskSlots.require(spark.sparkContext(), recipe));
    files.ifPresent(folder -> folder.useIn(spark.sparkContext()));
    return session;
  }

  synchronized SparkSession spark() {
    if (spark == null) {
      borrowed = SparkSession.getDefaultSession().exists(open -> !open.sparkContext().isStopped());
      spark = SparkSessions.open(name, settings);
      training.ifPresent(recipe -> TaskSlots.require(spark.sparkContext(), recipe));
      files.ifPresent(folder -> folder.useIn(spark.sparkContext()));
      spark.sparkContext().addSparkListener(progress);
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
      if (borrowed) {
        spark.sparkContext().removeSparkListener(progress);
      } else {
        spark.stop();
      }
      spark = null;
    }
    files.ifPresent(IntermediateFiles::delete);
  }
}
