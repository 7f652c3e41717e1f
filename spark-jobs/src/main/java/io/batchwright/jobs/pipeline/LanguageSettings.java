package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.CustomBatchPolicy;
import io.batchwright.data.batch.RandomBatches;
import io.batchwright.data.split.HeldOutSplit;
import io.batchwright.technique.Check;
import io.batchwright.train.language.TokenObjective;

/** What of a recipe a language model and training on pairs leave to each other. */
record LanguageSettings(
    TokenObjective objective,
    HeldOutSplit split,
    TokensRecipe tokens,
    BatchesRecipe batches,
    EvaluateRecipe evaluate) {

  /**
   * Requires that the recipe speaks of one of them only.
   *
   * @throws IllegalArgumentException that begins with the section
   */
  void require() {
    if (!objective.onTokens()) {
      Check.that(
          tokens.packing().equals(TokensRecipe.DEFAULTS.packing()),
          "PipelineRecipe.tokens",
          "must leave packing out: it is for language models (train.objective)");
      return;
    }
    String beside = " beside " + objective.getClass().getSimpleName();
    Check.that(
        !split.holdsOut(),
        "PipelineRecipe.split",
        "must leave heldOut and heldOutShare out%s, which is measured on documents set aside"
            .formatted(beside));
    Check.that(
        !tokens.prompts().any(),
        "PipelineRecipe.tokens",
        "must leave prompts out%s, which reads documents as they are".formatted(beside));
    Check.that(
        batches.negatives().equals(NegativesRecipe.DEFAULTS)
            && batches.clusters().equals(ClustersRecipe.DEFAULTS)
            && batches.refresh().equals(RefreshRecipe.DEFAULTS),
        "PipelineRecipe.batches",
        "must leave negatives, clusters and refresh out%s, which has no pairs".formatted(beside));
    Check.that(
        batches.policy() instanceof RandomBatches || batches.policy() instanceof CustomBatchPolicy,
        "PipelineRecipe.batches",
        "must have policy: {name: RandomBatches, ...}%s, where pairsPerStep counts sequences"
            .formatted(beside));
    Check.that(
        evaluate.equals(EvaluateRecipe.DEFAULTS),
        "PipelineRecipe.evaluate",
        "must be left out%s, which is measured while it trains".formatted(beside));
  }
}
