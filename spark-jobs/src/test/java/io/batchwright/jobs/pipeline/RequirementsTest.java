package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.WordPairs;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.model.SmallEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void aRateThatFollowsTheBatchFollowsThatOfThePlan() {
    String scaled =
        SOURCE
            + """
            batches: {policy: {name: RandomBatches, pairsPerStep: 512}}
            train: {schedule: {name: BatchScaled, referenceBatch: 128, batch: %d}}
            """;
    assertThatCode(() -> Requirements.check(read(scaled.formatted(512)), Until.TRAIN))
        .doesNotThrowAnyException();
    assertThatCode(() -> Requirements.check(read(scaled.formatted(256)), Until.PLAN))
        .doesNotThrowAnyException();
    assertRefused(
        scaled.formatted(256),
        Until.TRAIN,
        "train.schedule.batch must be 512, the pairsPerStep of batches.policy, got 256.");
  }

  @Test
  void mixturesAreOfPlansThatAreMadeOnce() {
    String mixed = SOURCE + "batches: {mixture: {name: Weights}, %s}\n";
    assertThatCode(() -> Requirements.check(read(mixed.formatted("lanes: 2")), Until.TRAIN))
        .doesNotThrowAnyException();
    assertRefused(
        mixed.formatted("policy: {name: Ngame}, refresh: {mode: synchronous, vectors: bank}"),
        Until.PLAN,
        "batches.mixture must be Proportional where batches.refresh.mode is set.");
    assertRefused(
        mixed.formatted(
            "policy: {name: TasBalanced}, negatives: {from: mined, perSample: 4, teacherScores: mined}"),
        Until.PLAN,
        "batches.mixture must be Proportional beside TasBalanced");
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

  @Test
  void aMaskedLanguageModelGoesOnOnlyFromAFolderWhoseOutputIsItsWords(@TempDir Path folder)
      throws IOException {
    SmallEncoder.write(folder, WordPairs.WORDS);
    String pairs =
        SOURCE + "train: {model: {name: PretrainedEncoder, path: '%s'}}\n".formatted(folder);
    String masked =
        SOURCE
            + """
            split: {heldOut: [], validationShare: 0.1}
            train:
              model: {name: PretrainedEncoder, path: '%s'}
              objective: {name: MaskedLanguageModel}
              validation: {maximumPairs: 0, monitor: LOSS}
            """
                .formatted(folder);
    assertThatCode(() -> Requirements.check(read(masked), Until.TOKENS)).doesNotThrowAnyException();
    Path config = folder.resolve("config.json");
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(config.toFile());
    Files.writeString(config, json.put("tie_word_embeddings", false).toString());
    assertRefused(masked, Until.TOKENS, "config.json: tie_word_embeddings is false");
    assertThatCode(() -> Requirements.check(read(pairs), Until.TOKENS)).doesNotThrowAnyException();
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
