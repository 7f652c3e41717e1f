package io.batchwright.jobs.model;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.corpus.ReadCorpus;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Encodes a corpus: the table embeddings, a row per text, with the string id beside {@code
 * text_id}. Of a run's folder the documents and queries are encoded, and {@code text_id} is the
 * run's own.
 */
public final class EncodeJob implements Job<EncodeRecipe> {
  private static final String CORPUS = "corpus";

  @Override
  public void run(JobContext<EncodeRecipe> context) throws Exception {
    EncodeRecipe recipe = context.config();
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    Optional<RunTables> run = RunTables.of(recipe.input(), hadoop);
    if (run.isEmpty()) {
      context
          .stages()
          .run(
              CORPUS,
              "corpus",
              Fingerprint.of(recipe.input(), recipe.maximumQuarantineShare(), context.rowLimit()),
              stage ->
                  ReadCorpus.stage(stage, recipe.input(), recipe.maximumQuarantineShare(), hadoop));
    }
    ShippedModel model =
        ShippedModel.of(ModelPath.of(recipe.model(), hadoop)).truncated(recipe.truncateDims());
    context
        .stages()
        .run(
            EncodeStage.NAME,
            "encode",
            Fingerprint.of(model.sha256(), model.dims(), recipe.input(), context.rowLimit()),
            new EncodeStage(recipe.textsPerBatch(), run, model, context.rowLimit()));
  }

  @Override
  public String name() {
    return "encode";
  }

  @Override
  public String description() {
    return "Encode a corpus with a model: the table embeddings";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<EncodeRecipe> configType() {
    return EncodeRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--model", "model", "the model folder"),
        new Flag(
            "--truncate-dims", "truncateDims", "the first values of vectors that are kept; 0: all"),
        new Flag(
            "--input",
            "input",
            "the folder of a run, or Parquet, JSON lines, text, a BEIR folder"));
  }

  @Override
  public List<String> inputs(EncodeRecipe recipe) {
    if (recipe.input().isBlank()) {
      throw BatchwrightException.usage("An input is needed: give --input PATH.");
    }
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    String model = ModelPath.of(recipe.model(), hadoop).folder().toString();
    Optional<RunTables> run = RunTables.of(recipe.input(), hadoop);
    return run.isPresent()
        ? List.of(model, run.get().folder("documents").toString())
        : List.of(model, recipe.input());
  }

  @Override
  public List<String> stages(EncodeRecipe recipe) {
    return RunTables.of(recipe.input(), SparkSessions.hadoop(recipe.run())).isPresent()
        ? List.of(EncodeStage.NAME)
        : List.of(CORPUS, EncodeStage.NAME);
  }
}
