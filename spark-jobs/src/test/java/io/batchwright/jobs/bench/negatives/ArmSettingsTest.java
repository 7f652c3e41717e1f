package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.negative.KnownPositives;
import io.batchwright.data.negative.NegativeFilter;
import io.batchwright.data.negative.PositiveReference;
import io.batchwright.data.negative.SameAnswer;
import io.batchwright.data.negative.TopKPercPos;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.mine.MineRecipe;
import io.batchwright.jobs.pipeline.PipelineRecipe;
import io.batchwright.jobs.pipeline.RefreshRecipe;
import io.batchwright.jobs.pipeline.RefreshVectors;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArmSettingsTest {
  @Test
  void whatArmsChangeAreKeysOfARecipe() {
    ArmSettings settings =
        new ArmSettings()
            .policy(
                "{name: Ngame, pairsPerStep: %d, firstSize: %d, doublingEpochs: %s, dropLast: true}",
                64, 2, List.of(1, 2))
            .refreshed("BANK")
            .key("batches.refresh.candidates", "60")
            .key("batches.refresh.selection.perQuery", "3")
            .vectors("it's vectors")
            .clusters(7)
            .negatives("mined", 3)
            .teacher("scores", "vectors")
            .guide("guide");
    var tree = RecipeTree.toJson(recipe(settings));
    assertThat(tree.at("/batches/policy/doublingEpochs")).hasToString("[1,2]");
    assertThat(tree.at("/batches/refresh/vectors").asText()).isEqualToIgnoringCase("bank");
    assertThat(tree.at("/batches/refresh/candidates").asInt()).isEqualTo(60);
    assertThat(tree.at("/batches/refresh/selection/perQuery").asInt()).isEqualTo(3);
    assertThat(tree.at("/batches/clusters/embeddings").asText()).isEqualTo("it's vectors");
    assertThat(tree.at("/batches/negatives/teacherScores").asText()).isEqualTo("scores");
    assertThat(tree.at("/batches/negatives/guide").asText()).isEqualTo("guide");
    assertThat(tree.at("/train/loss/name").asText()).isEqualTo("GistEmbed");
  }

  @Test
  void theControlOfGrowingClustersHasTheSameVectorsPermuted() {
    RefreshRecipe refresh =
        recipe(new ArmSettings().refreshed("PERMUTED_BANK")).batches().refresh();
    assertThat(refresh.vectors()).isEqualTo(RefreshVectors.PERMUTED_BANK);
    assertThat(refresh.everyEpochs()).isEqualTo(1);
  }

  @Test
  void whatIsNoNegativeFollowsTheAnswersOfASet() {
    assertThat(filters(new JavadocData()))
        .containsExactly(KnownPositives.PAPER, SameAnswer.PAPER, TopKPercPos.PAPER);
    assertThat(filters(new NfcorpusData()))
        .containsExactly(
            KnownPositives.PAPER,
            SameAnswer.PAPER,
            new TopKPercPos(TopKPercPos.PAPER.share(), PositiveReference.MEAN));
    assertThat(new NfcorpusData().candidates()).isGreaterThan(1_363 + 3);
  }

  private static List<NegativeFilter> filters(TrialData data) {
    Setting filters = new Setting("selection.filters", data.filters(), "test");
    return RecipeReader.read(MineRecipe.class, Recipe.EMPTY, List.of(filters))
        .config()
        .selection()
        .filters();
  }

  @Test
  void theMaskIsOnUnlessAnArmTakesItOff() {
    var masked = RecipeTree.toJson(recipe(new ArmSettings())).at("/train/loss");
    assertThat(masked.path("samePositiveMask").asBoolean()).isTrue();
    assertThat(masked.path("equalHashMask").asBoolean()).isTrue();
    var bare = RecipeTree.toJson(recipe(new ArmSettings().withoutMasks())).at("/train/loss");
    assertThat(bare.path("samePositiveMask").asBoolean()).isFalse();
    assertThat(bare.path("equalHashMask").asBoolean()).isFalse();
    assertThat(bare.path("temperature")).isEqualTo(masked.path("temperature"));
  }

  @Test
  void aGuidedLossDiffersFromThePlainOneInTheGuideAlone() {
    var guided = RecipeTree.toJson(recipe(new ArmSettings().guide("guide"))).at("/train/loss");
    assertThat(guided.path("temperature").asDouble()).isEqualTo(0.05);
    assertThat(guided.path("contrastQueries").asBoolean()).isFalse();
    assertThat(guided.path("contrastPositives").asBoolean()).isFalse();
    assertThat(guided.path("samePositiveMask").asBoolean()).isTrue();
  }

  private static PipelineRecipe recipe(ArmSettings settings) {
    Recipe recipe = new Recipe("test", Network.STATIC.train());
    return RecipeReader.read(PipelineRecipe.class, recipe, settings.settings()).config();
  }
}
