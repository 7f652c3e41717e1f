package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One parameter in two places: a table of which rows are read, and the matrix of an output head.
 */
class TiedParameterTest {
  private final GradientCheck check = new GradientCheck(31);

  @AfterEach
  void close() {
    check.close();
  }

  @Test
  void theGradientIsTheSumOfBothUses() {
    Parameter table = check.parameter("table", 6, 3);
    Tensor tokens = check.ints(5, 0, 5, 2);
    check.agrees(
        g -> {
          Variable x = g.tanh(g.embedding(table, tokens)); // [4, 3]
          return g.matmul(x, false, g.parameter(table), true, 1); // [4, 6]
        });
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      g.backward(g.sum(g.matmul(g.embedding(table, tokens), false, g.parameter(table), true, 1)));
      assertThat(table.gradient().orElseThrow().isSparse()).isFalse();
    }
  }

  @Test
  void inputsGetGradientsWithoutBeingParameters() {
    Parameter w = new Parameter("w", check.gaussian("w", 3, 3), true, true);
    Tensor x = check.gaussian("x", 2, 3);
    Parameter asParameter = check.parameter(new Parameter("x", x));
    double[] expected =
        check.analytic(g -> g.matmul(g.parameter(asParameter), g.parameter(w))).get(0);
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      Variable input = g.variable(x);
      g.backward(check.weighted(g, g.matmul(input, g.parameter(w))));
      assertThat(input.gradient().orElseThrow().toDoubles()).containsExactly(expected);
    }
  }
}
