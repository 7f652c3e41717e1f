package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.train.rank.TrainRecipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * Batches and training on the tokens of another run, which stays as it is: many recipes on one
 * prepared corpus. Tables that this run does not make itself are read from there.
 */
public final class PreparedTraining implements Job<PipelineRecipe> {
  private static final String PREPARED = "prepared";

  private final RunTables prepared;

  /** Training on what {@code prepared} left, a run that went at least up to its tokens. */
  public PreparedTraining(RunTables prepared) {
    this.prepared = prepared;
  }

  @Override
  public void run(JobContext<PipelineRecipe> context) throws Exception {
    PipelineRecipe recipe = context.config();
    Requirements.batches(recipe, Until.TRAIN);
    JsonNode details =
        prepared
            .details(TokensStage.NAME)
            .orElseThrow(
                () ->
                    BatchwrightException.usage(
                        "The run in %s ended before its tokens.".formatted(prepared.dir())));
    TokensStage.Vocabulary vocabulary = Details.read(details, TokensStage.Vocabulary.class);
    requireSameTokens(recipe, vocabulary);
    context.stages().over(prepared);
    context
        .stages()
        .run(PREPARED, "prepared corpus", Fingerprint.of(PREPARED), this::takeTokenizer);
    new MainStages(context, Until.TRAIN).fromTokens(recipe, vocabulary);
  }

  private StageReport takeTokenizer(StageContext stage) throws IOException {
    String json = TextFile.read(new Path(prepared.dir(), TokensStage.TOKENIZER), stage);
    TextFile.write(new Path(stage.dir(), TokensStage.TOKENIZER), json, stage);
    stage.artifact("tokenizer", TokensStage.TOKENIZER);
    long samples = prepared.rows("samples");
    return StageReport.of(
        LedgerEntry.of(PREPARED, samples, samples),
        "%,d samples of %s".formatted(samples, prepared.dir()));
  }

  /** Tokens depend on the model, too: whether it wants special tokens, prompts, a shorter text. */
  private void requireSameTokens(PipelineRecipe recipe, TokensStage.Vocabulary there) {
    if (!new TokensStage(recipe).fingerprint().equals(there.settings())) {
      throw BatchwrightException.usage(
          "The tokens of %s were made by other settings: tokens %s, train.model %s."
              .formatted(
                  prepared.dir(),
                  prepared.record().at("/config/tokens"),
                  prepared.record().at("/config/train/model")));
    }
  }

  @Override
  public Set<String> mayChangeOnResume() {
    return TrainStage.mayChangeOnResume();
  }

  @Override
  public String name() {
    return "train-prepared";
  }

  @Override
  public String description() {
    return "Train on the tokens of another run";
  }

  @Override
  public JobGroup group() {
    return JobGroup.STAGES;
  }

  @Override
  public Class<PipelineRecipe> configType() {
    return PipelineRecipe.class;
  }

  @Override
  public List<String> inputs(PipelineRecipe recipe) {
    List<String> inputs = new ArrayList<>(List.of(prepared.folder("samples").toString()));
    inputs.addAll(PipelineJob.batchInputs(recipe));
    return inputs;
  }

  @Override
  public List<String> stages(PipelineRecipe recipe) {
    return List.of(PREPARED, BucketStage.NAME, PlanStage.NAME, TrainStage.NAME);
  }

  @Override
  public Optional<TrainRecipe> trains(PipelineRecipe recipe) {
    return Optional.of(recipe.train());
  }
}
