package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.pipeline.PreparedTraining;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.JobRunner;
import io.batchwright.jobs.run.RunTables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The folder in which trainings and what they need are made, each a run with its own run.json; what
 * is done is not made again.
 */
final class Laboratory {
  /** What a finished training does not need any more. */
  private static final List<String> HEAVY =
      List.of(
          "tables",
          "refresh",
          "memory-bank",
          "shards",
          "validation-shards",
          "checkpoints",
          "tokenizer.json");

  private final Bench bench;
  private final String folder;

  private Laboratory(Bench bench, String folder) {
    this.bench = bench;
    this.folder = folder;
  }

  /** The folder that the recipe names, or one in the output folder. */
  static Laboratory of(Bench bench) {
    String folder = bench.recipe().trials().folder();
    return new Laboratory(bench, folder.isEmpty() ? bench.kept("trials") : folder);
  }

  Bench bench() {
    return bench;
  }

  SparkSession spark() {
    return bench.spark();
  }

  String folder() {
    return folder;
  }

  /** The data set up to its tokens. */
  RunTables prepared(TrialSet set) throws IOException {
    Path out = new Path(folder, "prepared/" + set.name());
    run(PipelineJob.tokenize(), recipe(set, data(set) + set.network().prepared()), List.of(), out);
    return tables(out);
  }

  /**
   * Trains on a prepared set with random batches and the baseline's loss, but for {@code changes}.
   */
  void train(TrialSet set, int batch, int steps, List<Setting> changes, Path out)
      throws IOException {
    List<Setting> settings = new ArrayList<>();
    settings.add(
        new Setting(
            "batches.policy",
            "{name: RandomBatches, pairsPerStep: %d, dropLast: true}".formatted(batch),
            "trial"));
    settings.add(new Setting("batches.maximumSteps", Integer.toString(steps), "trial"));
    settings.addAll(changes);
    String training =
        data(set) + set.network().train() + "batches: {bucketing: {name: SingleBucket}}\n";
    run(new PreparedTraining(prepared(set)), recipe(set, training), settings, out);
  }

  /** The sections up to tokens. */
  private String data(TrialSet set) throws IOException {
    java.nio.file.Path files = java.nio.file.Path.of(folder, "data", set.data().name());
    return set.data().recipe(bench.recipe(), files, set.network().maxTokens());
  }

  private static Recipe recipe(TrialSet set, String text) {
    return new Recipe("the recipe of " + set.name(), text);
  }

  /** Runs a job in {@code out}, or goes on with it, unless it is done. */
  <C extends Record & JobConfig> void run(
      Job<C> job, Recipe recipe, List<Setting> changes, Path out) {
    List<Setting> settings = new ArrayList<>(changes);
    settings.add(Setting.text("run.out", out.toString(), "bench"));
    settings.add(new Setting("run.onExisting", "resume", "bench"));
    JobRunner.runOn(spark(), job, recipe, settings);
  }

  RunTables tables(Path run) {
    return RunTables.of(run.toString(), hadoop())
        .orElseThrow(() -> new IllegalStateException("no run in " + run));
  }

  /** The seconds of all stages of a finished run. */
  double seconds(Path run) {
    double seconds = 0;
    for (JsonNode stage : tables(run).record().path("ledger")) {
      seconds += stage.path("seconds").asDouble();
    }
    return seconds;
  }

  /** Removes what a finished training does not need any more, but its model. */
  void prune(Path run) throws IOException {
    FileSystem files = run.getFileSystem(hadoop());
    for (String heavy : HEAVY) {
      files.delete(new Path(run, heavy), true);
    }
  }

  boolean exists(Path path) throws IOException {
    return path.getFileSystem(hadoop()).exists(path);
  }

  Configuration hadoop() {
    return spark().sessionState().newHadoopConf();
  }
}
