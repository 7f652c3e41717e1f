package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.jobs.config.Secrets;
import io.batchwright.jobs.run.ConfigDifferences;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.jobs.track.Throughput;
import io.batchwright.jobs.track.Trackers;
import io.batchwright.jobs.track.TrainingFacts;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.rank.BarrierTraining;
import io.batchwright.train.rank.RunKey;
import io.batchwright.train.rank.TrainResult;
import io.batchwright.train.rank.TrainSpec;
import io.batchwright.train.rank.TrainingListener;
import io.batchwright.train.step.StepReport;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;

/** One training inside of a stage: what trains, on which shards, in which folder. */
record Training(PipelineRecipe recipe, int vocabularySize, Origin origin) {

  /** What checkpoints say about where they come from. */
  record Origin(String runId, String configSha256, String commit) {}

  /**
   * Trains on {@code directory/shards}, from the newest checkpoint in {@code directory} if there is
   * one.
   *
   * @param steps all planned steps
   */
  TrainResult run(StageContext context, Path directory, long steps) throws IOException {
    return run(context, directory, steps, recipe.train().epochs(), report -> {});
  }

  /**
   * The same to where the epoch {@code until} would begin.
   *
   * @param heard hears of steps, now and then
   */
  TrainResult run(
      StageContext context, Path directory, long steps, int until, Consumer<StepReport> heard)
      throws IOException {
    String validation = new Path(context.dir(), PlanStage.VALIDATION).toString();
    if (!ShardManifest.exists(validation, 0, context.spark().sessionState().newHadoopConf())) {
      validation = "";
    }
    TrainSpec spec =
        new TrainSpec(
            recipe.train(),
            new Path(directory, PlanStage.SHARDS).toString(),
            validation,
            directory.toString(),
            vocabulary(context),
            new Provenance(
                origin.runId(),
                recipe.seed(),
                origin.configSha256(),
                context.fingerprint(),
                origin.commit()),
            RunKey.draw());
    context.progress().expect(steps, "steps");
    Trackers trackers = new Trackers(recipe.track(), facts(context, directory, steps));
    TrainResult result;
    try {
      result =
          BarrierTraining.run(
              context.spark(),
              (recipe.batches().refresh().fromBank() ? spec.withMemoryBank() : spec)
                  .until(until, recipe.batches().maximumSteps()),
              listener(context, trackers, heard));
    } catch (RuntimeException | Error e) {
      trackers.end(Optional.of(String.valueOf(e.getMessage())));
      throw e;
    }
    return result.withWarnings(trackers.end(Optional.empty()));
  }

  /** What a language model must know of the tokens; pairs need their number only. */
  private Vocabulary vocabulary(StageContext context) throws IOException {
    return recipe.languageModel()
        ? Vocabulary.of(
            vocabularySize, TextFile.read(new Path(context.dir(), TokensStage.TOKENIZER), context))
        : Vocabulary.of(vocabularySize);
  }

  private TrainingFacts facts(StageContext context, Path directory, long steps) {
    SortedMap<String, String> parameters = new TreeMap<>();
    ConfigDifferences.leaves(Secrets.hide(RecipeTree.toJson(recipe)))
        .forEach((key, value) -> parameters.put(parameterName(key), value));
    return new TrainingFacts(
        context.spark(),
        directory.getName(),
        origin.runId(),
        directory.toString(),
        steps,
        recipe.train().ranks(),
        parameters,
        Clock.systemUTC());
  }

  /** Trackers take few characters in names. */
  private static String parameterName(String key) {
    return key.replaceAll("\\[(\\d+)]", ".$1").replaceAll("[^A-Za-z0-9_.-]", "_");
  }

  private static TrainingListener listener(
      StageContext context, Trackers trackers, Consumer<StepReport> heard) {
    Throughput throughput = new Throughput();
    return new TrainingListener() {
      @Override
      public void step(StepReport report) {
        throughput.add(report);
        heard.accept(report);
        context.progress().reach(report.step());
        context
            .progress()
            .note(
                String.format(
                    Locale.ROOT,
                    "loss %.3f, %,.0f tokens/s",
                    report.loss(),
                    throughput.tokensPerSecond()));
      }

      @Override
      public void rank(int rank, StepReport report) {
        trackers.rank(rank, report);
      }
    };
  }

  /** The trained parameters. */
  List<Weights> weights(StageContext context, Path directory) throws IOException {
    return BarrierTraining.finalWeights(
        directory.toString(), context.spark().sessionState().newHadoopConf());
  }
}
