package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.config.Resolved;
import io.batchwright.train.schedule.Linear;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.schedule.WarmupCosine;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsualScheduleTest {
  private static final String STATIC = "{name: StaticEmbedding, dims: 8}";
  private static final String BERT =
      "{name: Bert, layers: 1, dims: 8, heads: 2, feedForwardDims: 8, maxTokens: 8}";
  private static final String PRETRAINED = "{name: PretrainedEncoder, path: models/encoder}";

  @Test
  void aRecipeWithoutAScheduleTrainsAtTheRateThatSuitsItsModel() {
    assertThat(schedule("")).isEqualTo(WarmupCosine.PAPER);
    assertThat(schedule("train: {ranks: 1}")).isEqualTo(WarmupCosine.PAPER);
    assertThat(schedule("train: {model: %s}".formatted(STATIC))).isEqualTo(WarmupCosine.PAPER);
    assertThat(schedule("train: {model: %s}".formatted(BERT)))
        .isEqualTo(new Linear(5e-4, 0, 0.1, 0));
    assertThat(schedule("train: {model: %s}".formatted(PRETRAINED)))
        .isEqualTo(new Linear(2e-5, 0, 0.1, 0));
  }

  @Test
  void whatAScheduleLeavesOutIsThatOfItsModelOrOfItsName() {
    assertThat(schedule("train: {schedule: {warmupShare: 0.2}, model: %s}".formatted(PRETRAINED)))
        .isEqualTo(new Linear(2e-5, 0, 0.2, 0));
    assertThat(schedule("train: {schedule: {name: Linear}, model: %s}".formatted(PRETRAINED)))
        .isEqualTo(Linear.PAPER);
  }

  @Test
  void aRateThatIsSeldomMeantIsWarnedOf() {
    String cosine = "train: {schedule: {name: WarmupCosine}, model: %s, optimizer: {name: %s}}";
    assertThat(read(cosine.formatted(PRETRAINED, "AdamW")).warnings())
        .containsExactly(
            "test:1: train.schedule: the peak rate of 0.05 is 2500 times the usual 2.0E-5 of"
                + " PretrainedEncoder");
    assertThat(read(cosine.formatted(BERT, "AdamW")).warnings()).hasSize(1);
    assertThat(read(cosine.formatted(STATIC, "AdamW")).warnings()).isEmpty();
    assertThat(read(cosine.formatted(BERT, "Sgd")).warnings()).isEmpty();
  }

  private static Schedule schedule(String recipe) {
    return read(recipe).config().train().schedule();
  }

  private static Resolved<PipelineRecipe> read(String recipe) {
    return RecipeReader.read(PipelineRecipe.class, new Recipe("test", recipe), List.of());
  }
}
