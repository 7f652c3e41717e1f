package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.rank.BarrierTraining;
import io.batchwright.train.rank.RunKey;
import io.batchwright.train.rank.TrainResult;
import io.batchwright.train.rank.TrainSpec;
import io.batchwright.train.step.StepReport;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
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
            vocabularySize,
            new Provenance(
                origin.runId(),
                recipe.seed(),
                origin.configSha256(),
                context.fingerprint(),
                origin.commit()),
            RunKey.draw());
    context.progress().expect(steps, "steps");
    return BarrierTraining.run(context.spark(), spec, report -> show(context, report));
  }

  /** The trained parameters. */
  List<Weights> weights(StageContext context, Path directory) throws IOException {
    return BarrierTraining.finalWeights(
        directory.toString(), context.spark().sessionState().newHadoopConf());
  }

  private static void show(StageContext context, StepReport report) {
    context.progress().reach(report.step());
    context
        .progress()
        .note(
            String.format(
                Locale.ROOT, "loss %.3f, %,.0f tokens/s", report.loss(), report.tokensPerSecond()));
  }
}
