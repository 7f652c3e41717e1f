package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final Backend backend = Backends.cpu();
  private final Arena run = backend.arena("run");
  private final Graph g = new Graph(backend, run);

  @AfterEach
  void close() {
    run.close();
    backend.close();
  }

  private Parameter parameter(String name, double... values) {
    return new Parameter(name, run.doubles(name, values, values.length));
  }

  @Test
  void aVariableUsedSeveralTimesGetsTheSumOfItsGradients() {
    Parameter x = parameter("x", 3, -2);
    Variable v = g.parameter(x);
    g.backward(g.sum(g.add(g.add(g.mul(v, v), v), v)));
    assertThat(Gradients.spreadOut(x)).containsExactly(8, -2);
  }

  @Test
  void parametersThatShareAGradientDoNotShareItsTensor() {
    Parameter x = parameter("x", 1, 2);
    Parameter y = parameter("y", 3, 4);
    g.backward(g.sum(g.add(g.parameter(x), g.parameter(y))));
    Tensor ofX = x.gradient().orElseThrow().values();
    backend.scale(ofX, 10, ofX);
    assertThat(Gradients.spreadOut(x)).containsExactly(10, 10);
    assertThat(Gradients.spreadOut(y)).containsExactly(1, 1);
  }

  /** As that of a parameter which encodes queries and then positives. */
  @Test
  void aGradientThatWasAddedUpIsNotCopied() {
    Parameter x = parameter("x", 1, 2);
    Variable leaf = g.parameter(x);
    g.backward(g.sum(g.add(g.scale(leaf, 2), g.scale(leaf, 3))));
    assertThat(Gradients.spreadOut(x)).containsExactly(5, 5);
    assertThat(x.gradient().orElseThrow().values()).isSameAs(leaf.gradient().orElseThrow());
  }

  /** As the projections of attention, which read one input. */
  @Test
  void productsAddToAGradientThatIsThere() {
    Variable x = g.variable(run.doubles("x", new double[] {1, 2}, 1, 2));
    Parameter bias = parameter("bias", 0, 0);
    Variable residual = g.linearAdd(x, weight("w1", 1, 2, 3, 4), g.parameter(bias), x);
    Variable other = g.linear(x, weight("w2", 5, 6, 7, 8), g.parameter(bias));
    Variable third = g.linear(x, weight("w3", 2, 0, 0, 3), g.parameter(bias));
    g.backward(g.sum(g.add(g.add(residual, other), third)));
    assertThat(x.gradient().orElseThrow().toDoubles())
        .containsExactly(4 + 1 + 12 + 2, 6 + 1 + 14 + 3);
    assertThat(residual.gradient().orElseThrow().toDoubles()).containsExactly(1, 1);
  }

  @Test
  void aProductThatIsAParametersGradientIsNotCopied() {
    Parameter weight = parameter(Shape.of(2, 2), "weight", 1, 2, 3, 4);
    Parameter bias = parameter("bias", 0, 0);
    Variable leaf = g.parameter(weight);
    Variable x = g.constant(run.doubles("x", new double[] {1, 2}, 1, 2));
    g.backward(g.sum(g.linear(g.linear(x, leaf, g.parameter(bias)), leaf, g.parameter(bias))));
    // y = (5, 11); dW of the second is (y, y), of the first (d x1, d x2) with d = (4, 6)
    assertThat(Gradients.spreadOut(weight)).containsExactly(5 + 4, 11 + 8, 5 + 6, 11 + 12);
    assertThat(weight.gradient().orElseThrow().values()).isSameAs(leaf.gradient().orElseThrow());
  }

  /** The memory of a gradient that has been handed on is that of the next. */
  @Test
  void gradientsOfResultsShareMemory() {
    int rows = 100;
    int layers = 8;
    Variable x = g.variable(run.zeros("x", DType.F64, Shape.of(rows, 2)));
    Variable y = x;
    for (int l = 0; l < layers; l++) {
      y = g.linear(g.gelu(y), weight("w" + l, 1, 0, 0, 2), g.parameter(parameter("b" + l, 1, 1)));
    }
    long before = run.liveBytes();
    g.backward(g.sum(y));
    long gradient = 8L * rows * 2;
    assertThat(run.liveBytes() - before).isLessThan(7 * gradient);
    assertThat(y.gradient()).isPresent(); // borrowed of the sum's backward function
    assertThat(x.gradient()).isPresent();
  }

  private Variable weight(String name, double... values) {
    return g.parameter(parameter(Shape.of(2, 2), name, values));
  }

  private Parameter parameter(Shape shape, String name, double... values) {
    return new Parameter(name, run.doubles(name, values, shape.dim(0), shape.dim(1)));
  }

  @Test
  void gradientsAddUpOverSeveralGraphs() {
    Parameter x = parameter("x", 1, 2);
    g.backward(g.sum(g.scale(g.parameter(x), 2)));
    Graph second = new Graph(backend, run);
    second.backward(second.sum(second.scale(second.parameter(x), 3)));
    assertThat(Gradients.spreadOut(x)).containsExactly(5, 5);
  }

  @Test
  void rowSparseGradientsAddUpOverSeveralGraphsAndStayRowSparse() {
    Parameter table = new Parameter("table", run.zeros("table", DType.F64, Shape.of(5, 1)));
    for (int[] tokens : List.of(new int[] {3, 1}, new int[] {3, 4})) {
      Graph each = new Graph(backend, run);
      Tensor offsets = run.ints("offsets", new int[] {0, 1, 2}, 3);
      each.backward(each.sum(each.embeddingBagMean(table, run.ints("t", tokens, 2), offsets)));
    }
    Gradient gradient = table.gradient().orElseThrow();
    assertThat(gradient.rowSparse().orElseThrow().rows().toInts()).containsExactly(1, 3, 4);
    assertThat(gradient.values().toDoubles()).containsExactly(1, 2, 1);
  }

  @Test
  void stopGradientAndFrozenParametersGetNone() {
    Parameter x = parameter("x", 1, 2);
    Parameter frozen =
        new Parameter("frozen", run.doubles("frozen", new double[] {5, 6}, 2), true, true);
    Variable v = g.parameter(x);
    g.backward(g.sum(g.mul(g.mul(v, g.stopGradient(v)), g.parameter(frozen))));
    assertThat(Gradients.spreadOut(x)).containsExactly(5, 12);
    assertThat(frozen.gradient()).isEmpty();
  }

  @Test
  void variablesThatAreNoParametersKeepTheirGradient() {
    Variable x = g.variable(run.doubles("x", new double[] {2, 3}, 2));
    g.backward(g.sum(g.mul(x, x)));
    assertThat(x.gradient().orElseThrow().toDoubles()).containsExactly(4, 6);
  }

  @Test
  void customOperationsGoBackwardByTheirPullback() {
    Parameter x = parameter("x", 1, 2);
    Tensor tripled = run.doubles("tripled", new double[] {3, 6}, 2);
    Variable custom =
        g.custom(
            "triple",
            tripled,
            g.parameter(x),
            d -> {
              Tensor gradient = run.allocate("gradient", DType.F64, d.shape());
              backend.scale(d, 3, gradient);
              return gradient;
            });
    g.backward(g.sum(g.mul(custom, custom)));
    assertThat(Gradients.spreadOut(x)).containsExactly(18, 36);
  }

  @Test
  void backwardVisitsOperationsInExactReverseOrder() {
    List<String> visited = new ArrayList<>();
    Variable x = g.parameter(parameter("x", 1));
    Variable a = recorded("a", x, visited);
    Variable b = recorded("b", x, visited);
    Variable c = recorded("c", a, visited);
    g.backward(g.sum(g.add(b, c)));
    assertThat(visited).containsExactly("c", "b", "a");
  }

  private Variable recorded(String name, Variable input, List<String> visited) {
    return g.custom(
        name,
        input.value(),
        input,
        d -> {
          visited.add(name);
          return d;
        });
  }

  @Test
  void savedTensorsGoThroughTheHook() {
    List<Tensor> packed = new ArrayList<>();
    List<Tensor> unpacked = new ArrayList<>();
    Graph hooked =
        new Graph(
            backend,
            run,
            tensor -> {
              packed.add(tensor);
              return () -> {
                unpacked.add(tensor);
                return tensor;
              };
            });
    hooked.backward(hooked.sum(hooked.exp(hooked.parameter(parameter("x", 1)))));
    assertThat(packed).hasSize(1);
    assertThat(unpacked).isEqualTo(packed);
  }

  @Test
  void aGraphGoesBackwardOnce() {
    Variable loss = g.sum(g.parameter(parameter("x", 1)));
    g.backward(loss);
    assertThatIllegalStateException().isThrownBy(() -> g.backward(loss));
    assertThatIllegalStateException().isThrownBy(() -> g.scale(loss, 2));
  }

  @Test
  void backwardWithoutASeedNeedsAScalar() {
    Variable x = g.parameter(parameter("x", 1, 2));
    assertThatIllegalStateException().isThrownBy(() -> g.backward(x)).withMessageContaining("x");
  }

  @Test
  void readersSeeRowsBroughtUpToDate() {
    List<String> calls = new ArrayList<>();
    Parameter table = new Parameter("table", run.zeros("table", DType.F64, Shape.of(5, 1)));
    table.refresher(
        new RowRefresher() {
          @Override
          public void refresh(Tensor rows) {
            calls.add("rows " + Arrays.toString(rows.toInts()));
          }

          @Override
          public void refreshAll() {
            calls.add("all");
          }
        });
    Tensor offsets = run.ints("offsets", new int[] {0, 2}, 2);
    g.embeddingBagMean(table, run.ints("tokens", new int[] {3, 1}, 2), offsets);
    g.parameter(table);
    table.value();
    assertThat(calls).containsExactly("rows [3, 1]", "all", "all");
  }
}
