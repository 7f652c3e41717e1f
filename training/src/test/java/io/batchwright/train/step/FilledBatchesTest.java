package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.collective.LocalCollective;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.language.CausalLanguageModel;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.loss.GradCache;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.Gpt;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.StaticEmbedding;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What fills batches up changes neither losses nor gradients, dropout included. */
class FilledBatchesTest {
  private static final int VOCABULARY = 50;
  private static final double DROPOUT = 0.2;

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  private static Model bert(Pooling pooling, Activations activations) {
    return new Bert(2, 16, 4, 32, 32, DROPOUT, DROPOUT, pooling, activations);
  }

  static Stream<Model> encoders() {
    return Stream.of(
        bert(Pooling.MEAN, Activations.KEPT),
        bert(Pooling.CLS, Activations.RECOMPUTED),
        bert(Pooling.LAST, Activations.KEPT),
        new StaticEmbedding(16, 1));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void ofPairs(Model model) {
    Loss plain = new InfoNce(0.1, false, false, false);
    for (Loss loss : List.of(plain, new GradCache(plain, 5))) {
      StepBatch batch = ShardFolder.pairs(0, 3, 0, 13, VOCABULARY);
      assertSame(space -> new PairObjective(model.build(VOCABULARY, space, stream()), loss), batch);
    }
  }

  @Test
  void ofPackedSequences() {
    StepBatch batch = ShardFolder.packed(0, 3, 0, 12, VOCABULARY);
    assertSame(
        space ->
            LanguageObjective.build(
                CausalLanguageModel.PAPER,
                new Gpt(2, 16, 4, 32, 24, DROPOUT, DROPOUT, Activations.KEPT),
                Vocabulary.of(VOCABULARY),
                space,
                stream()),
        batch);
  }

  @Test
  void ofARankWithoutSamples() {
    StepBatch none = ShardFolder.pairs(0, 3, 0, 0, VOCABULARY);
    Model model = bert(Pooling.MEAN, Activations.KEPT);
    Arena step = arena.child("step");
    Graph g = new Graph(repeating(backend), step);
    PairObjective objective =
        new PairObjective(
            model.build(VOCABULARY, new ParameterSpace(backend, arena, DType.F64), stream()),
            new InfoNce(0.1, false, false, false));
    assertThat(objective.encode(g, none, "query", pass(step)).shape().dim(0)).isZero();
  }

  private interface Built {
    Objective by(ParameterSpace space);
  }

  private void assertSame(Built built, StepBatch batch) {
    Result bare = result(backend, built, batch);
    Result filled = result(repeating(backend), built, batch);
    assertThat(filled.bytes).isGreaterThan(bare.bytes);
    assertThat(filled.counted).isEqualTo(bare.counted);
    assertThat(filled.loss).isCloseTo(bare.loss, within(1e-12));
    for (int p = 0; p < bare.gradients.size(); p++) {
      assertThat(filled.gradients.get(p)).containsExactly(bare.gradients.get(p), within(1e-12));
    }
  }

  private record Result(double loss, long counted, List<double[]> gradients, long bytes) {}

  private Result result(Backend on, Built built, StepBatch batch) {
    Objective objective = built.by(new ParameterSpace(backend, arena, DType.F64));
    try (Arena step = arena.child("step")) {
      Graph g = new Graph(on, step);
      Objective.Share share = objective.loss(g, batch, pass(step));
      g.backward(share.loss());
      List<double[]> gradients = new ArrayList<>();
      for (Parameter parameter : objective.parameters()) {
        gradients.add(Gradients.spreadOut(parameter));
      }
      return new Result(share.loss().item(), share.counted(), gradients, step.peakBytes());
    }
  }

  private static Objective.Pass pass(Arena step) {
    return new Objective.Pass(new LocalCollective(), step, true, 7, 0);
  }

  private static RandomStream stream() {
    return RandomStream.of(1, "model", 0, 0);
  }

  /** The same backend, to which batches are filled up. */
  private static Backend repeating(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("prefersRepetition")) {
                return true;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
