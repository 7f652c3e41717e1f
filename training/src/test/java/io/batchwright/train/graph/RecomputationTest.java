package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecomputationTest {
  private final GradientCheck check = new GradientCheck(23);

  @AfterEach
  void close() {
    check.close();
  }

  @Test
  void gradientsAgreeWithFiniteDifferencesAndAreTheSameBits() {
    Parameter x = check.parameter("x", 4, 3);
    Parameter w = check.parameter("w", 3, 3);
    Parameter table = check.parameter("table", 5, 3);
    Tensor tokens = check.ints(4, 0, 4, 1);
    Tensor rows = check.ints(7, 3, 0, 1);
    RandomStream stream = RandomStream.of(3, "dropout", 0, 1);
    BiFunction<Graph, Variable, Variable> layer =
        (g, in) -> {
          Variable mixed = g.matmul(in, g.tanh(g.matmul(in, true, in, false, 0.3)));
          Variable dropped = g.dropout(g.matmul(mixed, g.parameter(w)), stream, rows, 0.3);
          return g.add(g.add(in, dropped), g.embedding(table, tokens));
        };
    Function<Graph, Variable> kept = g -> layer.apply(g, layer.apply(g, g.parameter(x)));
    Function<Graph, Variable> twice =
        g -> g.recompute("2", g.recompute("1", g.parameter(x), layer), layer);
    check.agrees(twice);
    List<double[]> expected = check.analytic(kept);
    List<double[]> found = check.analytic(twice);
    for (int p = 0; p < expected.size(); p++) {
      assertThat(found.get(p)).containsExactly(expected.get(p));
    }
  }

  @Test
  void recomputedLayersNest() {
    Parameter x = check.parameter("x", 2, 3);
    Parameter w = check.parameter("w", 3, 3);
    check.agrees(
        g ->
            g.recompute(
                "outer",
                g.parameter(x),
                (outer, y) ->
                    outer.recompute(
                        "inner",
                        outer.exp(y),
                        (inner, z) -> inner.matmul(inner.tanh(z), inner.parameter(w)))));
  }

  /** A frozen input and a variable from outside of the layer. */
  @Test
  void gradientsReachWhatTheLayerTakesFromOutside() {
    Parameter x = check.parameter("x", 2, 3);
    Tensor fixed = check.gaussian("fixed", 2, 3);
    check.agrees(
        g -> {
          Variable outside = g.exp(g.parameter(x));
          Variable layer =
              g.recompute("layer", g.constant(fixed), (in, y) -> in.mul(in.tanh(y), outside));
          return g.add(layer, outside);
        });
  }

  @Test
  void aFrozenLayerWithoutGradientsBelowIsComputedOnce() {
    Parameter frozen = new Parameter("w", check.gaussian("w", 3, 3), true, true);
    Parameter w = check.parameter("top", 3, 3);
    Tensor x = check.gaussian("x", 2, 3);
    int[] calls = new int[1];
    check.agrees(
        g -> {
          Variable layer =
              g.recompute(
                  "frozen",
                  g.constant(x),
                  (in, y) -> {
                    calls[0]++;
                    return in.tanh(in.matmul(y, in.parameter(frozen)));
                  });
          assertThat(layer.needsGradient()).isFalse();
          return g.matmul(layer, g.parameter(w));
        });
    assertThat(calls[0]).isEqualTo(1 + 2 * 9); // the gradient's graph, and two for each difference
  }

  @Test
  void theScratchIsEmptyAfterEachLayerAndIsUsedAgain() {
    Parameter x = check.parameter("x", 2, 3);
    try (Arena step = check.backend().arena("step")) {
      for (int round = 0; round < 3; round++) {
        step.reset();
        Graph g = new Graph(check.backend(), step);
        Variable y = g.parameter(x);
        for (int layer = 0; layer < 4; layer++) {
          y = g.recompute("layer", y, (in, z) -> in.tanh(in.exp(in.scale(z, 0.1))));
          assertThat(step.scratch().liveBytes()).isZero();
        }
        g.backward(g.sum(y));
        assertThat(step.scratch().liveBytes()).isZero();
        x.clearGradient();
      }
      assertThat(step.scratch().peakBytes()).isGreaterThan(0).isLessThan(4096);
    }
  }

  @Test
  void aSavedTensorHookMayRoundToHalfTheBytes() {
    Parameter x = check.parameter("x", 64, 8);
    SavedTensors rounding =
        tensor -> {
          Arena run = check.run();
          Tensor packed = run.allocate("packed", DType.BF16, tensor.shape());
          check.backend().cast(tensor, packed);
          return () -> {
            Tensor unpacked = run.allocate("unpacked", tensor.dtype(), tensor.shape());
            check.backend().cast(packed, unpacked);
            return unpacked;
          };
        };
    SavedBytes counted = new SavedBytes(rounding);
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step, counted);
      Variable y = g.gelu(g.exp(g.parameter(x)));
      assertThat(counted.tensors()).isOne(); // exp's result, kept by exp and by gelu
      assertThat(counted.bytes()).isEqualTo(64 * 8 * 8);
      Tensor ones = step.allocate("ones", DType.F64, Shape.of(64, 8));
      check.backend().fill(ones, 1);
      g.backward(y, ones);
      double[] rounded = Gradients.spreadOut(x);
      x.clearGradient();
      Graph plain = new Graph(check.backend(), step);
      plain.backward(plain.gelu(plain.exp(plain.parameter(x))), ones);
      double[] unrounded = Gradients.spreadOut(x);
      for (int i = 0; i < rounded.length; i++) {
        assertThat(rounded[i] / unrounded[i]).isBetween(0.97, 1.03);
      }
      assertThat(rounded).isNotEqualTo(unrounded);
    }
  }

  @Test
  void parametersDoNotPassThroughTheHook() {
    Parameter x = check.parameter("x", 2, 3);
    Parameter w = check.parameter("w", 3, 3);
    SavedBytes counted = new SavedBytes();
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step, counted);
      g.matmul(g.parameter(x), g.parameter(w));
      assertThat(counted.bytes()).isZero();
      g.matmul(g.exp(g.parameter(x)), g.parameter(w));
      assertThat(counted.bytes()).isEqualTo(2 * 3 * 8);
    }
  }

  /** What an operation keeps is moved away and spoiled where it was. */
  @Test
  void statisticsOfRowsPassThroughTheHook() {
    Parameter x = check.parameter("x", 4, 6);
    Parameter gain = check.parameter("gain", 6);
    Parameter bias = check.parameter("bias", 6);
    Tensor texts = check.ints(0, 1, 4);
    keepsOnly(4 * 2, g -> g.layerNorm(g.parameter(x), g.parameter(gain), g.parameter(bias), 1e-5));
    keepsOnly(4 * 6 + 4, g -> g.l2Normalize(g.parameter(x)));
    keepsOnly(2 * 6 + 2, g -> g.poolNormalize(g.parameter(x), texts));
    keepsOnly(
        4 * 6 + 4 * 3,
        g -> {
          Variable q = g.parameter(x);
          return g.attention(q, q, q, texts, new AttentionForm(3, false));
        });
  }

  private void keepsOnly(int values, Function<Graph, Variable> operation) {
    List<double[]> expected = check.analytic(operation);
    List<Tensor> spoiled = new ArrayList<>();
    SavedBytes counted =
        new SavedBytes(
            tensor -> {
              Tensor moved = check.run().allocate("moved", tensor.dtype(), tensor.shape());
              check.backend().copy(tensor, moved);
              spoiled.add(tensor);
              return () -> moved;
            });
    Function<Graph, Variable> spoiling =
        g -> {
          Variable out = operation.apply(g);
          assertThat(counted.bytes()).isEqualTo(8L * values);
          Tensor result = g.copyOf("result", out.value());
          spoiled.forEach(tensor -> check.backend().fill(tensor, Double.NaN));
          return g.custom("restored", result, out, d -> d);
        };
    List<double[]> found = check.analytic(spoiling, counted);
    for (int p = 0; p < expected.size(); p++) {
      assertThat(found.get(p)).containsExactly(expected.get(p));
    }
  }

  /** What a table's rows give stays when the layer's scratch is gone. */
  @Test
  void rowSparseGradientsFromWithinOutliveTheScratch() {
    Parameter table = new Parameter("table", check.gaussian("table", 5, 3));
    Parameter x = new Parameter("x", check.gaussian("x", 2, 3));
    try (Arena step = check.backend().arena("step")) {
      Graph g = new Graph(check.backend(), step);
      Variable y =
          g.recompute(
              "layer", g.parameter(x), (in, z) -> in.add(z, in.embedding(table, check.ints(4, 1))));
      g.backward(g.sum(y));
      RowSparse rows = table.gradient().orElseThrow().rowSparse().orElseThrow();
      assertThat(rows.rows().toInts()).containsExactly(1, 4);
      assertThat(rows.values().toDoubles()).containsOnly(1);
    }
  }
}
