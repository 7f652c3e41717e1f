package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TiledCrossEntropyTest {
  private final GradientCheck check = new GradientCheck(37);
  private final Parameter x = check.parameter("x", 5, 3);
  private final Parameter weight = check.parameter("weight", 7, 3);
  private final Tensor targets = check.ints(6, 0, 3, 3, 1);

  @AfterEach
  void close() {
    check.close();
  }

  /** The definition, with the matrix of all logits. */
  private Variable composed(Graph g, Optional<Parameter> bias) {
    Variable logits = g.matmul(g.parameter(x), false, g.parameter(weight), true, 1);
    Variable all = bias.isPresent() ? g.add(logits, g.parameter(bias.get())) : logits;
    return g.sum(g.sub(g.logSumExpRows(all, null), g.pick(all, targets)));
  }

  private Variable tiled(Graph g, int rows, Optional<Parameter> bias) {
    return new TiledCrossEntropy(rows * 7L * 8)
        .sum(g, g.parameter(x), g.parameter(weight), bias.map(g::parameter), targets);
  }

  @Test
  void lossAndGradientsAreThoseOfTheDefinitionForTilesOfAnySize() {
    Parameter bias = check.parameter("bias", 7);
    for (Optional<Parameter> b : List.of(Optional.of(bias), Optional.<Parameter>empty())) {
      List<double[]> expected = check.analytic(g -> composed(g, b));
      for (int rows : new int[] {1, 2, 5, 100}) {
        List<double[]> found = check.analytic(g -> tiled(g, rows, b));
        for (int p = 0; p < 3; p++) {
          assertThat(found.get(p)).containsExactly(expected.get(p), within(1e-13));
        }
        try (Arena step = check.backend().arena("step")) {
          Graph g = new Graph(check.backend(), step);
          assertThat(tiled(g, rows, b).item()).isCloseTo(composed(g, b).item(), within(1e-13));
        }
      }
    }
    check.agrees(g -> tiled(g, 2, Optional.of(bias)));
  }

  @Test
  void aRecomputedLayerMayHoldIt() {
    List<double[]> expected = check.analytic(g -> composed(g, Optional.empty()));
    List<double[]> found =
        check.analytic(
            g ->
                g.recompute(
                    "head",
                    g.parameter(x),
                    (in, y) ->
                        new TiledCrossEntropy(2 * 7 * 8)
                            .sum(in, y, in.parameter(weight), Optional.empty(), targets)));
    for (int p = 0; p < 2; p++) {
      assertThat(found.get(p)).containsExactly(expected.get(p), within(1e-13));
    }
  }

  @Test
  void theMatrixOfAllLogitsNeverExists() {
    int rows = 600;
    int vocabulary = 30_000; // 72 MB of logits
    try (Arena run = check.backend().arena("run");
        Arena step = check.backend().arena("step")) {
      Tensor states = run.zeros("states", DType.F32, rows, 8);
      Parameter table = new Parameter("table", run.zeros("table", DType.F32, vocabulary, 8));
      Graph g = new Graph(check.backend(), step);
      Variable loss =
          TiledCrossEntropy.DEFAULT.sum(
              g,
              g.variable(states),
              g.parameter(table),
              Optional.empty(),
              run.zeros("targets", DType.I32, rows));
      assertThat(loss.item()).isCloseTo(rows * Math.log(vocabulary), within(0.01));
      g.backward(loss);
      assertThat(step.peakBytes()).isLessThan(12 << 20);
    }
  }

  @Test
  void noRowsGiveZero() {
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      Variable none = g.sliceRows(g.parameter(x), 0, 0);
      Variable loss =
          TiledCrossEntropy.DEFAULT.sum(
              g, none, g.parameter(weight), Optional.empty(), check.ints());
      assertThat(loss.item()).isZero();
      g.backward(loss);
      assertThat(weight.gradient().orElseThrow().values().toDoubles()).containsOnly(0);
      weight.clearGradient();
      x.clearGradient();
    }
  }

  @Test
  void targetsBeyondTheVocabularyAndTilesOfNothingAreRefused() {
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  TiledCrossEntropy.DEFAULT.sum(
                      g,
                      g.constant(check.gaussian("one", 1, 3)),
                      g.parameter(weight),
                      Optional.empty(),
                      check.ints(7)))
          .withMessageContaining("7");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TiledCrossEntropy(0))
        .withMessageContaining("TiledCrossEntropy.tileBytes must be at least 1");
  }
}
