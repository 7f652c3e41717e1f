package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequirementsTest {
  private static final String SOURCE =
      "corpus: {sources: [{name: FlagEmbeddingJsonLines, path: pairs.jsonl, source: pairs}]}\n";
  private static final String PRETRAINED =
      SOURCE + "train: {model: {name: PretrainedEncoder, path: models/encoder}}\n";
  private static final String TOKENIZER =
      "tokens: {tokenizer: {name: WordPiece, vocabularySize: 999, minCount: 2}}\n";

  @Test
  void aRecipeNeedsASource() {
    assertRefused("seed: 1\n", Until.CORPUS, "names no source");
  }

  @Test
  void annotatedDocumentsEndWithTheJobThatAnnotates() {
    String recipe = SOURCE + "deduplicate: {output: annotate}\n";
    assertThatCode(() -> Requirements.check(read(recipe), Until.DUPLICATES))
        .doesNotThrowAnyException();
    assertRefused(recipe, Until.SPLIT, "deduplicate.output must be filter");
  }

  @Test
  void aTokenizerBesideOneThatComesWithTheModelIsRefused() {
    assertRefused(PRETRAINED + TOKENIZER, Until.TOKENS, "tokens.tokenizer must be left out");
    for (String recipe : List.of(PRETRAINED, SOURCE + TOKENIZER)) {
      assertThatCode(() -> Requirements.check(read(recipe), Until.TOKENS))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void decidingByValidationNeedsPairsForIt() {
    assertRefused(
        SOURCE + "split: {validationShare: 0}\ntrain: {validation: {patience: 2}}\n",
        Until.TRAIN,
        "pairs to validate on");
    assertRefused(
        SOURCE
            + """
            split: {validationShare: 0}
            train:
              model: {name: Gpt, layers: 1, dims: 8, heads: 2, feedForwardDims: 8, maxTokens: 8}
              objective: {name: CausalLanguageModel}
              validation: {maximumPairs: 0, monitor: LOSS, exportBest: true}
            """,
        Until.TRAIN,
        "need documents to validate on: set split.validationShare above 0.");
  }

  private static void assertRefused(String recipe, Until until, String message) {
    assertThatThrownBy(() -> Requirements.check(read(recipe), until))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining(message);
  }

  private static PipelineRecipe read(String recipe) {
    return RecipeReader.read(PipelineRecipe.class, new Recipe("test", recipe), List.of()).config();
  }
}
