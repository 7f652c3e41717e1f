package io.batchwright.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.pipeline.PipelineRecipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunIdentityTest {
  @Test
  void whereARunIsSeenIsNoPartOfWhatItIs() {
    RunIdentity plain = identity("seed: 3\n");
    RunIdentity seen =
        identity(
            "seed: 3\n"
                + "track: [{name: MlFlow, uri: 'http://there'}, {name: TensorBoard}]\n"
                + "run: {quiet: true}\n");
    assertThat(seen.config()).isNotEqualTo(plain.config());
    assertThat(seen.configSha256()).isEqualTo(plain.configSha256());
    ObjectNode previous = JsonNodeFactory.instance.objectNode();
    previous.put("job", "pipeline").put("data_fingerprint", "data");
    previous.set("config", plain.config());
    assertThat(seen.differences(previous, false)).isEmpty();

    RunIdentity other = identity("seed: 4\ntrack: []\n");
    assertThat(other.configSha256()).isNotEqualTo(plain.configSha256());
    assertThat(other.differences(previous, false)).containsExactly("seed: 3 there, 4 now");
  }

  @Test
  void aResumedRunMayChangeHowItComputesAndNothingElse() {
    ObjectNode previous = JsonNodeFactory.instance.objectNode();
    previous.put("job", "pipeline").put("data_fingerprint", "data");
    previous.set("config", identity("train: {ranks: 2}\n").config());
    RunIdentity wider =
        identity(
            "train: {ranks: 8, threads: 4, backend: cpu, stepTimeout: 9 min, keepCheckpoints: 7}\n");
    assertThat(wider.differences(previous, true)).isEmpty();
    assertThat(wider.differences(previous, false)).hasSize(5);
    RunIdentity other = identity("train: {ranks: 8, epochs: 7}\n");
    assertThat(other.differences(previous, true)).singleElement().asString().contains("epochs");
  }

  private static RunIdentity identity(String yaml) {
    PipelineRecipe recipe =
        RecipeReader.read(PipelineRecipe.class, new Recipe("test", yaml), List.of()).config();
    return RunIdentity.of(PipelineJob.pipeline(), recipe, "data");
  }
}
