package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.batch.ShardFolder;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.language.CausalLanguageModel;
import io.batchwright.train.language.MaskedLanguageModel;
import io.batchwright.train.language.TokenObjective;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.Dcl;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.Gpt;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of language models over packed sequences: a causal one, and a masked one, with dropout. */
class LanguageTrainingTest {
  private static final int SIZE = 25;
  private static final Vocabulary VOCABULARY = new Vocabulary(SIZE, 4, new int[] {0, 4});
  private static final Model GPT = new Gpt(2, 16, 4, 32, 24, 0.2, 0.1, Activations.RECOMPUTED);
  private static final Model BERT =
      new Bert(2, 16, 4, 32, 24, 0.2, 0.1, Pooling.CLS, Activations.KEPT);
  private static final TokenObjective MASKED = new MaskedLanguageModel(0.4, 0.8, 0.1);

  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    ShardFolder.writePacked(folder.resolve("shards"), 0, 4, SIZE, 16, 13, 16, 3);
    ShardFolder.writePacked(folder.resolve("aside"), 0, 4, SIZE, 16, 5);
  }

  static Stream<Arguments> languageModels() {
    return Stream.of(Arguments.of(GPT, CausalLanguageModel.PAPER), Arguments.of(BERT, MASKED));
  }

  /** The last step has fewer sequences than ranks, so that one of four has none. */
  @ParameterizedTest
  @MethodSource("languageModels")
  void oneTwoAndFourRanksEndWithTheSameWeightsAndPerplexity(Model model, TokenObjective objective)
      throws Exception {
    List<Weights> one = trained(model, objective, 1, "one");
    List<JsonNode> scores = validated("one");
    assertThat(scores).hasSize(2);
    for (JsonNode score : scores) {
      double loss = score.path("validation_loss").asDouble();
      assertThat(score.path("validation_perplexity").asDouble())
          .isCloseTo(Math.exp(loss), within(1e-9));
      assertThat(score.has("validation_ndcg10")).isFalse();
    }
    for (int world : new int[] {2, 4}) {
      List<Weights> found = trained(model, objective, world, "world" + world);
      for (int p = 0; p < one.size(); p++) {
        assertThat(found.get(p).name()).isEqualTo(one.get(p).name());
        assertThat(found.get(p).values())
            .as("%s on %d ranks", one.get(p).name(), world)
            .containsExactly(one.get(p).values(), within(1e-5f));
      }
      List<JsonNode> here = validated("world" + world);
      for (int i = 0; i < scores.size(); i++) {
        assertThat(here.get(i).path("validation_loss").asDouble())
            .isCloseTo(scores.get(i).path("validation_loss").asDouble(), within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("languageModels")
  void aRunThatWasCutEndsWithTheSameWeightsBitForBit(Model model, TokenObjective objective)
      throws Exception {
    RankReport whole = train(spec(model, objective, 2, "whole"), 2, 0);
    TrainSpec spec = spec(model, objective, 2, "cut");
    train(spec, 2, 0);
    try (var files = Files.walk(folder.resolve("cut/checkpoints/step-00000004"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    RankReport resumed = train(spec, 2, 1);
    assertThat(resumed.resumedFrom()).isEqualTo(2);
    assertThat(resumed.weightsSha256()).isEqualTo(whole.weightsSha256());
  }

  @Test
  void aLanguageModelLearnsWhatFollows() throws Exception {
    int[] steps = new int[60];
    Arrays.fill(steps, 16);
    ShardFolder.writePacked(folder.resolve("many"), 0, 1, SIZE, steps);
    TrainSpec spec =
        small(new Gpt(1, 32, 4, 64, 24, 0, 0, Activations.KEPT), CausalLanguageModel.PAPER, 1)
            .shards("many")
            .checkpointEvery(20)
            .optimizer(AdamW.PAPER, new Constant(0.01, 0, 0))
            .spec("learned");
    train(spec, 1, 0);
    List<JsonNode> scores = validated("learned");
    // Three of four tokens are known from the one before: 0.25 (ln 25 + ln 4) + 0.75 ln(4 / 3).
    assertThat(scores.get(0).path("validation_perplexity").asDouble()).isLessThan(20);
    assertThat(scores.get(scores.size() - 1).path("validation_loss").asDouble())
        .isBetween(1.0, 2.0);
  }

  @Test
  void whatALanguageModelAndPairsLeaveToEachOtherIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec(BERT, CausalLanguageModel.PAPER, 1, "none"))
        .withMessageContaining("TrainRecipe.model must have states that see what stands before");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec(new StaticEmbedding(8, 1), MASKED, 1, "none"))
        .withMessageContaining("got no token states of StaticEmbedding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SmallTraining.in(folder).model(GPT).spec("none"))
        .withMessageContaining("TrainRecipe.model gives no vectors of texts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small(GPT, CausalLanguageModel.PAPER, 1).loss(Dcl.PAPER).spec("none"))
        .withMessageContaining("TrainRecipe.loss must be left out");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                small(GPT, CausalLanguageModel.PAPER, 1)
                    .validation(ValidationRecipe.DEFAULTS)
                    .spec("none"))
        .withMessageContaining("TrainRecipe.validation must have maximumPairs: 0");
  }

  private List<Weights> trained(Model model, TokenObjective objective, int world, String name)
      throws Exception {
    RankReport report = train(spec(model, objective, world, name), world, 0);
    assertThat(report.steps()).isEqualTo(4);
    return BarrierTraining.finalWeights(folder.resolve(name).toString(), new Configuration());
  }

  private TrainSpec spec(Model model, TokenObjective objective, int world, String name) {
    return small(model, objective, world)
        .optimizer(AdamW.PAPER, new Constant(0.001, 0, 0))
        .spec(name);
  }

  private SmallTraining small(Model model, TokenObjective objective, int world) {
    return SmallTraining.in(folder)
        .model(model)
        .learns(objective, VOCABULARY)
        .validatedOn("aside", new ValidationRecipe(0, ValidationRecipe.Monitor.LOSS, 0, 0, false))
        .ranks(world);
  }

  private RankReport train(TrainSpec spec, int world, int launch) throws Exception {
    return Ranks.run(
            world,
            ranks ->
                new RankTraining(
                        spec,
                        new Attempt(launch, 0),
                        ranks,
                        new Configuration(),
                        folder.resolve("staging"),
                        report -> {})
                    .run("localhost"))
        .get(0);
  }

  private List<JsonNode> validated(String name) throws IOException {
    new MetricsSegments(folder.resolve(name).toString(), new Configuration()).join();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name + "/metrics.jsonl"))) {
      JsonNode json = new ObjectMapper().readTree(line);
      if (json.has("validation_loss")) {
        lines.add(json);
      }
    }
    return lines;
  }
}
