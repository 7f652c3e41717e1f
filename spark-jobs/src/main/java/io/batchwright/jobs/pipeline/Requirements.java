package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.Output;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.token.TokenizerTrainer;
import io.batchwright.train.loss.LossInput;
import io.batchwright.train.model.PretrainedEncoder;
import io.batchwright.train.model.huggingface.PretrainedFolder;

/** What the parts of a recipe require of each other, said before anything is read. */
final class Requirements {
  private Requirements() {}

  /** Requires what a run up to {@code until} needs. */
  static void check(PipelineRecipe recipe, Until until) {
    sources(recipe);
    documents(recipe, until);
    if (until.compareTo(Until.TOKENS) >= 0) {
      tokenizer(recipe);
      if (recipe.languageModel()) {
        recipe.train().model().startsFrom().ifPresent(PretrainedFolder::requireTiedWords);
      }
    }
    batches(recipe, until);
    if (until.compareTo(Until.TRAIN) >= 0) {
      schedule(recipe);
      validation(recipe);
    }
  }

  /** Requires a source. */
  static void sources(PipelineRecipe recipe) {
    if (recipe.corpus().sources().isEmpty()) {
      throw BatchwrightException.usage(
          "The recipe names no source: add corpus.sources, as in conf/beir.yaml, or run"
              + " bin/batchwright quickstart.");
    }
  }

  /** Annotating leaves no documents to go on with, and none to put into an index. */
  private static void documents(PipelineRecipe recipe, Until until) {
    if (recipe.deduplicate().output() == Output.ANNOTATE
        && (until.compareTo(Until.DUPLICATES) > 0 || recipe.index().used())) {
      throw BatchwrightException.usage(
          "deduplicate.output must be filter where documents are read on by later stages or an"
              + " index, got annotate; it is for the job dedup alone.");
    }
  }

  /** A model that has a tokenizer leaves nothing to another. */
  private static void tokenizer(PipelineRecipe recipe) {
    TokenizerTrainer tokenizer = recipe.tokens().tokenizer();
    if (recipe.train().model() instanceof PretrainedEncoder
        && !tokenizer.equals(TokensRecipe.DEFAULTS.tokenizer())) {
      throw BatchwrightException.usage(
          "tokens.tokenizer must be left out beside a PretrainedEncoder, which keeps its folder's"
              + " tokenizer, got "
              + tokenizer
              + ".");
    }
  }

  /** Requires that what the batches of this recipe need is named. */
  static void batches(PipelineRecipe recipe, Until until) {
    if (until.compareTo(Until.PLAN) >= 0) {
      new MinedNegatives(recipe.batches().negatives()).require(recipe.train().loss());
    }
    if (until.compareTo(Until.BUCKETS) >= 0) {
      new PolicyColumns(recipe.batches(), recipe.seed()).require();
    }
  }

  /** A rate that follows the batch follows that of the plan. */
  private static void schedule(PipelineRecipe recipe) {
    int planned = recipe.batches().policy().pairsPerStep();
    long scaled = recipe.train().schedule().forBatch().orElse(planned);
    if (scaled != planned) {
      throw BatchwrightException.usage(
          "train.schedule.batch must be %d, the pairsPerStep of batches.policy, got %d."
              .formatted(planned, scaled));
    }
  }

  private static void validation(PipelineRecipe recipe) {
    boolean nothing =
        recipe.split().validationShare() == 0
            || recipe.train().loss().needs().contains(LossInput.NEGATIVES);
    if (recipe.train().validation().decides() && nothing) {
      if (recipe.languageModel()) {
        throw BatchwrightException.usage(
            "train.validation.patience and exportBest need documents to validate on: set"
                + " split.validationShare above 0.");
      }
      throw BatchwrightException.usage(
          "train.validation.patience and exportBest need pairs to validate on: set"
              + " split.validationShare above 0, and a loss that needs no mined negatives.");
    }
    if (recipe.train().validation().decides() && recipe.batches().refresh().on()) {
      throw BatchwrightException.usage(
          "train.validation.patience must be 0 and exportBest false where batches.refresh.mode is"
              + " set.");
    }
  }
}
