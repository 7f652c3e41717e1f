package io.batchwright.jobs.run;

import io.batchwright.train.rank.TrainRecipe;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * One thing the command line can do with a recipe.
 *
 * <p>{@link JobRunner} reads the recipe, settles what an existing output folder means, opens Spark,
 * keeps {@code run.json} and maps failures to exit codes; a job only does its work. Register a job
 * in {@code io.batchwright.jobs.Batchwright}.
 *
 * @param <C> the recipe record
 */
public interface Job<C extends Record & JobConfig> {
  /** The name on the command line, such as {@code pipeline}. */
  String name();

  /** One line for {@code --help}. */
  String description();

  /** The heading under which {@code --help} lists it. */
  JobGroup group();

  /** The recipe record; its {@code DEFAULTS} hold for keys that no recipe names. */
  Class<C> configType();

  /** Does the work; a failure that the user can act on is a {@code BatchwrightException}. */
  void run(JobContext<C> context) throws Exception;

  /** Flags of this job beside the shared ones. */
  default List<Flag> flags() {
    return List.of();
  }

  /** The recipe that is read where {@code --recipe} names none, or empty for defaults alone. */
  default String recipe() {
    return "";
  }

  /** The output folder where neither the recipe nor {@code --out} names one; empty: required. */
  default String defaultOut() {
    return "";
  }

  /**
   * Files and folders that must exist; with their sizes and times they are the input's identity.
   */
  default List<String> inputs(C config) {
    return List.of();
  }

  /** The stages that would run, in order, for {@code validate}. */
  default List<String> stages(C config) {
    return List.of();
  }

  /**
   * Names of jobs that are this one's list of stages ended earlier, shortest first. With the same
   * recipe and input this job goes on in the folder that one of them left, skipping what is done.
   */
  default List<String> goesOnFrom() {
    return List.of();
  }

  /**
   * Dotted keys of the recipe that say how a run computes, not what: {@code --resume} goes on under
   * other values of them, and they play no part in the fingerprint of any stage.
   */
  default Set<String> mayChangeOnResume() {
    return Set.of();
  }

  /**
   * Whether what a finished run of {@code config} did outside its folder has to be looked at before
   * the same command counts as done ({@link #requireStanding}).
   */
  default boolean actsOutsideItsFolder(C config) {
    return false;
  }

  /**
   * Requires that what a finished run did outside its folder still stands.
   *
   * @param dir the run's folder
   * @throws io.batchwright.data.failure.BatchwrightException saying what does not, and what to do
   */
  default void requireStanding(C config, SparkSession spark, Path dir) throws IOException {}

  /** Whether the job keeps an output folder with {@code run.json}. */
  default boolean keepsRun() {
    return true;
  }

  /** How ranks train, which must find room to run at the same time; empty for a job without. */
  default Optional<TrainRecipe> trains(C config) {
    return Optional.empty();
  }
}
