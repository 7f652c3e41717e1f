package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.PretrainedEncoder;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.safetensors.Safetensors;
import io.batchwright.train.schedule.Constant;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs of transformers that drop states: from random weights, and from the small RoBERTa of {@code
 * pretrained_golden.py}.
 */
class EncoderTrainingTest {
  private static final int VOCABULARY = 25;
  private static final String QUERY = "encoder.layer.1.attention.self.query.weight";
  private static final Model BERT =
      new Bert(2, 16, 4, 32, 16, 0.2, 0.1, Pooling.CLS, Activations.RECOMPUTED);

  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    ShardFolder.write(folder.resolve("shards"), 0, 4, VOCABULARY, 16, 13, 16, 3);
  }

  static List<Model> models() {
    return List.of(BERT, pretrained());
  }

  @ParameterizedTest
  @MethodSource("models")
  void oneTwoAndFourRanksEndWithTheSameWeights(Model model) throws Exception {
    List<Weights> one = trained(model, 1, "one");
    for (int world : new int[] {2, 4}) {
      List<Weights> found = trained(model, world, "world" + world);
      for (int p = 0; p < one.size(); p++) {
        assertThat(found.get(p).name()).isEqualTo(one.get(p).name());
        assertThat(found.get(p).values())
            .as("%s on %d ranks", one.get(p).name(), world)
            .containsExactly(one.get(p).values(), within(1e-5f));
      }
    }
  }

  @Test
  void fineTuningStartsFromTheFoldersWeights() throws Exception {
    List<Weights> one = trained(pretrained(), 1, "one");
    try (Safetensors source = Safetensors.open(roberta().resolve("model.safetensors"))) {
      float[] before = source.readFloats(QUERY);
      float[] after = named(one, QUERY);
      double moved = 0;
      for (int i = 0; i < before.length; i++) {
        moved = Math.max(moved, Math.abs(after[i] - before[i]));
      }
      // Four steps of AdamW at 0.001 move no weight further than about 0.004.
      assertThat(moved).isBetween(1e-3, 6e-3);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aRunThatWasCutEndsWithTheSameWeightsBitForBit(Model model) throws Exception {
    RankReport whole = train(model, 2, "whole", 0);
    train(model, 2, "cut", 0);
    try (var files = Files.walk(folder.resolve("cut/checkpoints/step-00000004"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    RankReport resumed = train(model, 2, "cut", 1);
    assertThat(resumed.resumedFrom()).isEqualTo(2);
    assertThat(resumed.weightsSha256()).isEqualTo(whole.weightsSha256());
  }

  private List<Weights> trained(Model model, int world, String name) throws Exception {
    RankReport report = train(model, world, name, 0);
    assertThat(report.steps()).isEqualTo(4);
    return BarrierTraining.finalWeights(folder.resolve(name).toString(), new Configuration());
  }

  private RankReport train(Model model, int world, String name, int launch) throws Exception {
    TrainSpec spec = spec(model, world, name);
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

  private TrainSpec spec(Model model, int world, String name) {
    return SmallTraining.in(folder)
        .vocabulary(VOCABULARY)
        .model(model)
        .loss(new InfoNce(0.2, true, true, true))
        // With a large epsilon an update is smooth in the gradient, also where it is near 0.
        .optimizer(new AdamW(0.9, 0.999, 1e-4, 0.01), new Constant(1e-3, 0, 0))
        .clipNorm(1)
        .ranks(world)
        .spec(name);
  }

  private static Model pretrained() {
    return new PretrainedEncoder(roberta().toString());
  }

  private static float[] named(List<Weights> weights, String name) {
    return weights.stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow().values();
  }

  private static Path roberta() {
    try {
      return Path.of(PretrainedFolder.class.getResource("roberta").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
