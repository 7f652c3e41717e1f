package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitStageTest {
  @Test
  void aSplitOfDocumentsIsNotTakenForOneOfPairs() {
    String split = "split: {heldOut: [], heldOutShare: 0, validationShare: 0.1}\n";
    String language =
        """
        train:
          model: {name: Gpt, layers: 1, dims: 8, heads: 2, feedForwardDims: 8, maxTokens: 8}
          objective: {name: CausalLanguageModel}
          validation: {maximumPairs: 0, monitor: LOSS}
        """;
    assertThat(fingerprint(split + language))
        .isEqualTo(fingerprint(split + language + "seed: 3\n"))
        .isNotEqualTo(fingerprint(split));
  }

  private static String fingerprint(String recipe) {
    return new SplitStage(
            RecipeReader.read(PipelineRecipe.class, new Recipe("test", recipe), List.of()).config(),
            false)
        .fingerprint();
  }
}
