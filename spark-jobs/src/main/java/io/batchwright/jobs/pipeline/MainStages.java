package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.StageResult;
import io.batchwright.jobs.run.StageRunner;
import java.util.TreeSet;

/**
 * What happens from sources to a measured model, stage by stage.
 *
 * @param context of the job
 * @param until where it ends
 */
record MainStages(JobContext<PipelineRecipe> context, Until until) {
  /** All stages, from the sources on. */
  void run(PipelineRecipe recipe) throws Exception {
    StageRunner stages = context.stages();
    long limit = context.rowLimit();
    Requirements.check(recipe, until);

    stages.run(
        CorpusStage.NAME,
        "corpus",
        Fingerprint.of(recipe.corpus(), limit),
        new CorpusStage(recipe, limit));
    if (until == Until.CORPUS) {
      return;
    }
    stages.run(
        DuplicatesStage.NAME,
        "duplicates",
        Fingerprint.of(recipe.deduplicate(), recipe.stopLoss(), recipe.index(), recipe.seed()),
        new DuplicatesStage(recipe));
    if (until == Until.DUPLICATES) {
      new DedupReport(context, recipe).write();
      return;
    }
    SplitStage split = new SplitStage(recipe, until.compareTo(Until.TOKENS) > 0);
    stages.run(SplitStage.NAME, "split", split.fingerprint(), split);
    if (until == Until.SPLIT) {
      return;
    }
    TokensStage stage = new TokensStage(recipe);
    StageReport tokens =
        stages.run(TokensStage.NAME, "tokens", stage.fingerprint(), stage).report();
    if (until == Until.TOKENS) {
      return;
    }
    fromTokens(recipe, Details.read(tokens.details(), TokensStage.Vocabulary.class));
  }

  /** The stages that follow the tokens. */
  void fromTokens(PipelineRecipe recipe, TokensStage.Vocabulary vocabulary) throws Exception {
    StageRunner stages = context.stages();
    stages.run(
        BucketStage.NAME,
        "buckets",
        Fingerprint.of(
            recipe.batches().bucketing(),
            recipe.batches().negatives(),
            recipe.batches().clusters(),
            recipe.batches().refresh(),
            new TreeSet<>(recipe.batches().policy().needs())),
        new BucketStage(recipe));
    if (until == Until.BUCKETS) {
      return;
    }
    PlanStage planStage = new PlanStage(recipe, vocabulary.sha256());
    StageResult planned = stages.run(PlanStage.NAME, "plan", planned(recipe), planStage);
    StageReport plan = planned.report();
    if (until == Until.PLAN) {
      return;
    }
    long steps = plan.metrics().get("steps_planned").longValue();
    int epochs = plan.metrics().get(PlanStage.EPOCHS).intValue();
    boolean refreshed = recipe.batches().refresh().on();
    Training training =
        new Training(refreshed ? recipe : recipe.withEpochs(epochs), vocabulary.size(), origin());
    TrainStage.Layout layout = stage -> planStage.layOut(stage, planned.fingerprint(), epochs);
    StageResult trained =
        stages.run(
            TrainStage.NAME,
            "train",
            TrainStage.fingerprint(recipe.train()),
            new TrainStage(
                training,
                new RefreshedTraining.Planned(steps, epochs, vocabulary.sha256()),
                layout));
    publish(trained);
    if (until == Until.TRAIN) {
      return;
    }
    if (!recipe.languageModel()) {
      evaluate(recipe, vocabulary, training, steps, layout);
    }
    new RunReport(context, recipe).write();
    context.console().line("");
    context.console().line("Report    " + context.config().run().folder() + "/report.html");
  }

  /** A model of texts is measured on held-out queries; a language model was while it trained. */
  private void evaluate(
      PipelineRecipe recipe,
      TokensStage.Vocabulary vocabulary,
      Training training,
      long steps,
      TrainStage.Layout layout)
      throws Exception {
    StageRunner stages = context.stages();
    if (recipe.controlled()) {
      stages.run(
          ControlStage.NAME,
          "control",
          Fingerprint.of("shuffled"),
          new ControlStage(training, steps, vocabulary.sha256(), layout));
    }
    stages.run(
        EvaluateStage.NAME,
        "evaluate",
        Fingerprint.of(recipe.evaluate()),
        new EvaluateStage(recipe, vocabulary.size()));
  }

  /** What the batches of a recipe depend on, besides the samples. */
  private static String planned(PipelineRecipe recipe) {
    return Fingerprint.of(recipe.batches(), recipe.seed(), recipe.train().epochs());
  }

  private Training.Origin origin() {
    var record = context.record().json();
    return new Training.Origin(
        record.path("run_id").asText(),
        record.path("config_sha256").asText(),
        record.path("commit").asText());
  }

  private void publish(StageResult stage) {
    TrainStage.Trained trained = Details.read(stage.report().details(), TrainStage.Trained.class);
    context.record().worldSize(trained.ranks().size());
    context.record().weightsSha256(trained.weightsSha256());
    context.record().determinismKey(trained.determinismKey());
    String key = trained.determinismKey();
    context.record().provider(key.contains(",") ? key.substring(0, key.lastIndexOf(',')) : key, "");
    if (trained.resumedFrom() >= 0 && !stage.skipped()) {
      context.record().resumedFrom("checkpoint of step " + trained.resumedFrom());
    }
  }
}
