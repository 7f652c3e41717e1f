package io.batchwright.jobs.mine;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import java.util.List;

/** Writes mined pairs as sentence-transformers, tevatron, FlagEmbedding, MS MARCO or BEIR read. */
public final class ExportPairsJob implements Job<ExportRecipe> {
  @Override
  public void run(JobContext<ExportRecipe> context) throws Exception {
    ExportRecipe recipe = context.config();
    context
        .stages()
        .run(
            ExportStage.NAME,
            "export",
            Fingerprint.of(
                recipe.input(),
                recipe.format(),
                recipe.shape(),
                recipe.negatives(),
                recipe.scores()),
            new ExportStage(recipe, mined(recipe)));
  }

  private static RunTables mined(ExportRecipe recipe) {
    RunTables run =
        RunTables.of(recipe.input(), SparkSessions.hadoop(recipe.run()))
            .orElseThrow(
                () ->
                    BatchwrightException.usage(
                        "There is no run in %s: give --input the folder of a run of mine."
                            .formatted(recipe.input())));
    if (!run.has(NegativesStage.PAIRS)) {
      throw BatchwrightException.usage(
          "The run in %s has no mined pairs: give --input the folder of a finished run of mine."
              .formatted(recipe.input()));
    }
    return run;
  }

  @Override
  public String name() {
    return "export-pairs";
  }

  @Override
  public String description() {
    return "Write mined pairs for another trainer";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<ExportRecipe> configType() {
    return ExportRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--input", "input", "the folder of a run of mine"),
        new Flag(
            "--format",
            "format",
            "sentence-transformers, tevatron, flagembedding, msmarco-tsv or beir"),
        new Flag(
            "--shape",
            "shape",
            "for sentence-transformers: triplet, n-tuple, labeled-pair or labeled-list"),
        new Flag("--scores", "scores", "with the miner's scores", "true"));
  }

  @Override
  public List<String> inputs(ExportRecipe recipe) {
    if (recipe.input().isBlank()) {
      throw BatchwrightException.usage("An input is needed: give --input DIR, a run of mine.");
    }
    return List.of(mined(recipe).folder(NegativesStage.PAIRS).toString());
  }

  @Override
  public List<String> stages(ExportRecipe recipe) {
    return List.of(ExportStage.NAME);
  }
}
