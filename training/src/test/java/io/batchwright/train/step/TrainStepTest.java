package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.Dcl;
import io.batchwright.train.loss.Dclw;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.GistEmbed;
import io.batchwright.train.loss.GradCache;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.loss.MarginMse;
import io.batchwright.train.loss.Matryoshka;
import io.batchwright.train.loss.NgameTriplet;
import io.batchwright.train.loss.TasDualSupervision;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.Optimizer;
import io.batchwright.train.optimizer.Sgd;
import io.batchwright.train.schedule.Constant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One step of 1, 2 and 4 ranks on the same global batch. */
class TrainStepTest {
  private static final int VOCABULARY = 50;
  private static final int DIMS = 16;
  private static final int SAMPLES = 24;

  private record Outcome(StepReport last, float[] weights, long peakBytes) {}

  private static Bert bert(double dropout, Activations activations) {
    return new Bert(2, DIMS, 4, 32, 32, dropout, dropout, Pooling.MEAN, activations);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lossAndGradientDoNotDependOnTheNumberOfRanks(boolean symmetric) throws Exception {
    Loss loss = new InfoNce(0.1, symmetric, true, true);
    Optimizer plain = new Sgd(0, false, 0); // weights move by the gradient itself
    Outcome alone = train(new int[] {SAMPLES}, loss, plain, 1, 1).get(0);
    for (int[] counts : spreads()) {
      for (Outcome rank : train(counts, loss, plain, 1, 1)) {
        assertThat(rank.last().loss()).isCloseTo(alone.last().loss(), within(1e-5));
        assertThat(rank.last().gradNorm()).isCloseTo(alone.last().gradNorm(), within(1e-5));
        assertThat(rank.last().samples()).isEqualTo(SAMPLES);
        assertThat(rank.last().tokens()).isEqualTo(alone.last().tokens());
        assertThat(rank.weights()).containsExactly(alone.weights(), within(1e-5f));
      }
    }
  }

  static Stream<Loss> taughtLosses() {
    return Stream.of(
        new InfoNce(0.1, true, true, true, true, true),
        new GistEmbed(0.1, GistEmbed.MarginKind.RELATIVE, 0.1, true, true, true, true),
        MarginMse.PAPER,
        TasDualSupervision.PAPER,
        Dcl.PAPER,
        Dclw.PAPER,
        NgameTriplet.PAPER,
        new Matryoshka(TasDualSupervision.PAPER, 8),
        new GradCache(new Matryoshka(GistEmbed.PAPER, 8), 4));
  }

  @ParameterizedTest
  @MethodSource("taughtLosses")
  void minedNegativesTeachersAndGuidesDoNotDependOnTheNumberOfRanks(Loss loss) throws Exception {
    Optimizer plain = new Sgd(0, false, 0);
    Outcome alone = trainTaught(new int[] {SAMPLES}, loss, plain).get(0);
    assertThat(alone.last().gradNorm()).isGreaterThan(1e-4);
    for (int[] counts : spreads()) {
      for (Outcome rank : trainTaught(counts, loss, plain)) {
        assertThat(rank.last().loss()).isCloseTo(alone.last().loss(), within(1e-5));
        assertThat(rank.last().gradNorm()).isCloseTo(alone.last().gradNorm(), within(1e-5));
        assertThat(rank.weights()).containsExactly(alone.weights(), within(1e-5f));
      }
    }
  }

  static Stream<Model> models() {
    return Stream.of(
        new StaticEmbedding(DIMS, 1),
        bert(0.2, Activations.KEPT),
        bert(0.2, Activations.RECOMPUTED));
  }

  @ParameterizedTest
  @MethodSource("models")
  void chunksGiveTheGradientOfTheWholeBatchOnAnyNumberOfRanks(Model model) throws Exception {
    Optimizer plain = new Sgd(0, false, 0);
    Outcome whole = trainModel(new int[] {SAMPLES}, model, InfoNce.PAPER, plain).get(0);
    for (int[] counts : List.of(new int[] {SAMPLES}, new int[] {15, 9}, new int[] {8, 0, 13, 3})) {
      for (int chunk : new int[] {1, 5, 64}) {
        for (Outcome rank : trainModel(counts, model, new GradCache(InfoNce.PAPER, chunk), plain)) {
          assertThat(rank.last().loss()).isCloseTo(whole.last().loss(), within(1e-5));
          assertThat(rank.last().gradNorm()).isCloseTo(whole.last().gradNorm(), within(1e-5));
          assertThat(rank.weights()).containsExactly(whole.weights(), within(1e-5f));
        }
      }
    }
  }

  @Test
  void chunksNeedLessMemory() throws Exception {
    Model model = bert(0, Activations.KEPT);
    Optimizer plain = new Sgd(0, false, 0);
    int[] alone = {SAMPLES};
    long whole = trainModel(alone, model, InfoNce.PAPER, plain).get(0).peakBytes();
    long chunks =
        trainModel(alone, model, new GradCache(InfoNce.PAPER, 2), plain).get(0).peakBytes();
    assertThat(chunks).isLessThan(whole / 2);
  }

  @Test
  void aLossWhoseInputTheShardsLackSaysWhichItIs() {
    assertThatThrownBy(() -> train(new int[] {SAMPLES}, GistEmbed.PAPER, AdamW.PAPER, 1, 1))
        .hasMessageContaining("GistEmbed needs guide vectors");
    assertThatThrownBy(() -> train(new int[] {SAMPLES}, MarginMse.PAPER, AdamW.PAPER, 1, 1))
        .hasMessageContaining("MarginMse needs mined negatives");
  }

  @Test
  void weightsAfterSeveralUpdatesDoNotDependOnTheNumberOfRanks() throws Exception {
    Outcome alone = train(new int[] {SAMPLES}, InfoNce.PAPER, AdamW.PAPER, 5, 1e-3).get(0);
    for (int[] counts : spreads()) {
      List<Outcome> ranks = train(counts, InfoNce.PAPER, AdamW.PAPER, 5, 1e-3);
      assertThat(ranks.get(0).weights()).containsExactly(alone.weights(), within(1e-5f));
      for (Outcome rank : ranks) {
        assertThat(rank.weights()).isEqualTo(ranks.get(0).weights());
        assertThat(rank.last().loss()).isEqualTo(ranks.get(0).last().loss());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theSameSeedGivesTheSameWeightsBitForBit(int world) throws Exception {
    int[] counts = IntStream.range(0, world).map(rank -> SAMPLES / world).toArray();
    List<Outcome> first = train(counts, InfoNce.PAPER, AdamW.PAPER, 6, 0.01);
    List<Outcome> again = train(counts, InfoNce.PAPER, AdamW.PAPER, 6, 0.01);
    assertThat(again.get(0).weights()).isEqualTo(first.get(0).weights());
    assertThat(again.get(0).last().loss()).isEqualTo(first.get(0).last().loss());
  }

  @Test
  void aLossThatIsNotFiniteOnOneRankStopsAllBeforeTheUpdate() {
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    ranks ->
                        steps(
                            ranks,
                            new int[] {20, 4},
                            new BrokenOnRankOne(),
                            AdamW.PAPER,
                            NotFinite.FAIL,
                            1,
                            0.1)))
        .isInstanceOf(NotFiniteException.class)
        .hasMessageContaining("not finite at step 1");
  }

  @Test
  void aStepThatIsNotFiniteCanBeSkippedByAllRanks() throws Exception {
    List<Outcome> ranks =
        Ranks.run(
            2,
            collective ->
                steps(
                    collective,
                    new int[] {20, 4},
                    new BrokenOnRankOne(),
                    AdamW.PAPER,
                    NotFinite.SKIP,
                    2,
                    0.1));
    assertThat(ranks).allSatisfy(rank -> assertThat(rank.last().skipped()).isTrue());
    assertThat(ranks.get(0).weights()).isEqualTo(ranks.get(1).weights());
    assertThat(ranks.get(0).weights()).doesNotContain(Float.NaN);
  }

  /** As a overflow would: the loss of the rank with few samples is not a number. */
  private record BrokenOnRankOne() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      Variable sound = InfoNce.PAPER.apply(g, pairs);
      return pairs.count() == 4 ? g.scale(sound, Double.NaN) : sound;
    }
  }

  private static List<int[]> spreads() {
    return List.of(
        new int[] {15, 9}, new int[] {0, 24}, new int[] {8, 0, 13, 3}, new int[] {6, 6, 6, 6});
  }

  private static List<Outcome> train(
      int[] counts, Loss loss, Optimizer optimizer, int steps, double rate) throws Exception {
    return Ranks.run(
        counts.length, ranks -> steps(ranks, counts, loss, optimizer, NotFinite.FAIL, steps, rate));
  }

  private static List<Outcome> trainTaught(int[] counts, Loss loss, Optimizer optimizer)
      throws Exception {
    Batches batches = (step, from, to) -> ShardFolder.taught(0, step, from, to, VOCABULARY);
    return Ranks.run(
        counts.length,
        ranks -> steps(ranks, counts, loss, optimizer, NotFinite.FAIL, 1, 1, batches));
  }

  /** The samples at positions {@code from} to {@code to} of a step. */
  private interface Batches {
    StepBatch of(int step, int from, int to);
  }

  private static Outcome steps(
      Collective ranks,
      int[] counts,
      Loss loss,
      Optimizer optimizer,
      NotFinite onNotFinite,
      int steps,
      double rate) {
    Batches batches = (step, from, to) -> ShardFolder.pairs(0, step, from, to, VOCABULARY);
    return steps(ranks, counts, loss, optimizer, onNotFinite, steps, rate, batches);
  }

  private static Outcome steps(
      Collective ranks,
      int[] counts,
      Loss loss,
      Optimizer optimizer,
      NotFinite onNotFinite,
      int steps,
      double rate,
      Batches batches) {
    Model model = new StaticEmbedding(DIMS, 1);
    return steps(ranks, counts, model, loss, optimizer, onNotFinite, steps, rate, batches);
  }

  private static List<Outcome> trainModel(int[] counts, Model model, Loss loss, Optimizer optimizer)
      throws Exception {
    Batches batches = (step, from, to) -> ShardFolder.pairs(0, step, from, to, VOCABULARY);
    return Ranks.run(
        counts.length,
        ranks -> steps(ranks, counts, model, loss, optimizer, NotFinite.FAIL, 1, 0.1, batches));
  }

  private static Outcome steps(
      Collective ranks,
      int[] counts,
      Model recipe,
      Loss loss,
      Optimizer optimizer,
      NotFinite onNotFinite,
      int steps,
      double rate,
      Batches batches) {
    try (Backend backend = Backends.select("java");
        Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      ModelInstance model =
          recipe.build(VOCABULARY, backend, run, RandomStream.of(5, "model", 0, 0));
      Trainee trainee =
          new Trainee(
              7,
              model,
              loss,
              optimizer.build(model.parameters(), backend, run),
              new Constant(rate, 0, 0),
              steps,
              0,
              onNotFinite);
      int from = IntStream.of(counts).limit(ranks.rank()).sum();
      int to = from + counts[ranks.rank()];
      StepReport last = null;
      try (TrainStep trainStep = new TrainStep(trainee, ranks, backend, step, 0)) {
        for (int i = 0; i < steps; i++) {
          last = trainStep.run(batches.of(i, from, to), 0);
        }
      }
      return new Outcome(last, weights(model), step.peakBytes());
    }
  }

  /** All parameters, one after the other. */
  private static float[] weights(ModelInstance model) {
    List<float[]> all = model.parameters().stream().map(p -> p.value().toFloats()).toList();
    float[] weights = new float[all.stream().mapToInt(values -> values.length).sum()];
    int at = 0;
    for (float[] values : all) {
      System.arraycopy(values, 0, weights, at, values.length);
      at += values.length;
    }
    return weights;
  }
}
