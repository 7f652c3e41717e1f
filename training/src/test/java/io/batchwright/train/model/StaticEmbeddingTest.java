package io.batchwright.train.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.OptimizerInstance;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StaticEmbeddingTest {
  private static final StaticEmbedding RECIPE = new StaticEmbedding(8, 1);
  private static final RandomStream RANDOM = RandomStream.of(1, "initial values", 0, 0);

  private final Backend backend = Backends.cpu();
  private final Arena run = backend.arena("run");

  @AfterEach
  void close() {
    run.close();
    backend.close();
  }

  private TextBatch batch(int[] tokens, int... offsets) {
    return new TextBatch(
        run.ints("tokens", tokens, tokens.length), run.ints("offsets", offsets, offsets.length));
  }

  @Test
  void encodesATextAsTheUnitMeanOfItsTokens() {
    ModelInstance model = RECIPE.build(10, new ParameterSpace(backend, run, DType.F64), RANDOM);
    double[] table = model.parameters().get(0).value().toDoubles();
    double[] mean = new double[8];
    double square = 0;
    for (int d = 0; d < 8; d++) {
      mean[d] = (table[3 * 8 + d] + table[3 * 8 + d] + table[7 * 8 + d]) / 3;
      square += mean[d] * mean[d];
    }
    double norm = Math.sqrt(square);
    Graph g = new Graph(backend, run);
    Variable encoded = model.encode(g, batch(new int[] {3, 7, 3}, 0, 3), ForwardPass.EVALUATION);
    assertThat(encoded.value().toDoubles())
        .containsExactly(Arrays.stream(mean).map(x -> x / norm).toArray(), within(1e-14));
  }

  @Test
  void anEmptyTextIsTheZeroVectorAndAnEmptyBatchHasNoRows() {
    ModelInstance model = RECIPE.build(10, backend, run, RANDOM);
    Graph g = new Graph(backend, run);
    assertThat(model.encode(g, batch(new int[0], 0, 0), ForwardPass.EVALUATION).value().toFloats())
        .containsOnly(0);
    assertThat(model.encode(g, batch(new int[0], 0), ForwardPass.EVALUATION).shape().dim(0))
        .isZero();
  }

  @Test
  void initialValuesDependOnTheirPositionOnly() {
    float[] small = RECIPE.build(10, backend, run, RANDOM).parameters().get(0).value().toFloats();
    float[] large = RECIPE.build(50, backend, run, RANDOM).parameters().get(0).value().toFloats();
    assertThat(Arrays.copyOf(large, small.length)).isEqualTo(small);
    assertThat(small[13]).isEqualTo((float) RANDOM.gaussianAt(13));
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (GradientCheck check = new GradientCheck(6)) {
      ModelInstance model =
          RECIPE.build(6, new ParameterSpace(check.backend(), check.run(), DType.F64), RANDOM);
      model.parameters().forEach(check::parameter);
      TextBatch texts = new TextBatch(check.ints(5, 1, 1, 0, 5), check.ints(0, 3, 3, 5));
      check.agrees(g -> model.encode(g, texts, ForwardPass.EVALUATION));
    }
  }

  @Test
  void learnsToFindItsPairs() {
    ModelInstance model = new StaticEmbedding(16, 1).build(32, backend, run, RANDOM);
    OptimizerInstance optimizer = AdamW.PAPER.build(model.parameters(), backend, run);
    long[] ids = LongStream.range(0, 16).toArray();
    int[] offsets = new int[17];
    Arrays.setAll(offsets, i -> i);
    int[] queryTokens = new int[16];
    int[] positiveTokens = new int[16];
    Arrays.setAll(queryTokens, i -> i);
    Arrays.setAll(positiveTokens, i -> 16 + (5 * i) % 16);
    TextBatch queries = batch(queryTokens, offsets);
    TextBatch positives = batch(positiveTokens, offsets);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 60; step++) {
      try (Arena arena = backend.arena("step")) {
        Graph g = new Graph(backend, arena);
        Variable loss =
            InfoNce.PAPER.apply(
                g,
                EmbeddingPairs.singleRank(
                    model.encode(g, queries, ForwardPass.EVALUATION),
                    model.encode(g, positives, ForwardPass.EVALUATION),
                    ids,
                    ids));
        g.backward(loss);
        optimizer.step(0.1);
        first = step == 0 ? loss.item() : first;
        last = loss.item();
      }
    }
    assertThat(first).isGreaterThan(1);
    assertThat(last).isLessThan(0.01);
  }

  @Test
  void refusesAWidthBelowOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StaticEmbedding(0, 1))
        .withMessage("StaticEmbedding.dims must be at least 1, got 0");
  }
}
