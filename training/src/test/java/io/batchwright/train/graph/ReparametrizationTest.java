package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReparametrizationTest {
  private final GradientCheck check = new GradientCheck(29);

  @AfterEach
  void close() {
    check.close();
  }

  /** Weight standardisation: each row with mean 0. */
  private static Variable centered(Graph g, Variable w) {
    return g.sub(w, g.meanRows(w));
  }

  @Test
  void theGradientFlowsThroughTheFunction() {
    Parameter x = check.parameter("x", 2, 3);
    Parameter w = check.parameter("w", 4, 3);
    w.reparametrization(ReparametrizationTest::centered);
    check.agrees(g -> g.tanh(g.matmul(g.parameter(x), false, g.parameter(w), true, 1)));
  }

  @Test
  void theFunctionIsComputedOnceInAGraphEvenWithinRecomputedLayers() {
    Parameter x = check.parameter("x", 2, 3);
    Parameter w = check.parameter("w", 3, 3);
    int[] calls = new int[1];
    w.reparametrization(
        (g, weight) -> {
          calls[0]++;
          return centered(g, weight);
        });
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      Variable y = g.recompute("layer", g.parameter(x), (in, z) -> in.matmul(z, in.parameter(w)));
      g.backward(g.sum(g.matmul(y, g.parameter(w))));
      assertThat(calls[0]).isOne();
    }
    check.agrees(
        g ->
            g.matmul(
                g.recompute("layer", g.parameter(x), (in, z) -> in.matmul(z, in.parameter(w))),
                g.parameter(w)));
  }

  @Test
  void rowsOfATableGoThroughTheFunctionToo() {
    Parameter table = check.parameter("table", 5, 3);
    table.reparametrization(ReparametrizationTest::centered);
    Tensor tokens = check.ints(4, 0, 4);
    Tensor offsets = check.ints(0, 2, 2, 3);
    check.agrees(g -> g.embedding(table, tokens));
    check.agrees(g -> g.embeddingBagMean(table, tokens, offsets));
  }

  /** As low-rank adaptation does: {@code W + B A}, with W frozen. */
  @Test
  void aFrozenWeightPlusTwoThinOnesGivesGradientsToTheThinOnesAlone() {
    Parameter x = new Parameter("x", check.gaussian("x", 2, 4), true, true);
    Parameter w = new Parameter("w", check.gaussian("w", 3, 4), true, true);
    Parameter a = check.parameter("a", 1, 4);
    Parameter b = check.parameter("b", 3, 1);
    w.reparametrization((g, weight) -> g.add(weight, g.matmul(g.parameter(b), g.parameter(a))));
    check.agrees(g -> g.matmul(g.parameter(x), false, g.parameter(w), true, 1));
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      g.backward(g.sum(g.matmul(g.parameter(x), false, g.parameter(w), true, 1)));
      assertThat(w.gradient()).isEmpty();
      assertThat(a.gradient()).isPresent();
      assertThat(b.gradient()).isPresent();
    }
  }
}
