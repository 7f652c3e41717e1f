package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Addend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ElementKernelsTest extends KernelTest {

  private interface Unary {
    void apply(Tensor in, Tensor out);
  }

  private interface Binary {
    void apply(Tensor a, Tensor b, Tensor out);
  }

  @Test
  void manyTensorsAreScaledAndAddedAsEachAlone() {
    for (DType dtype : TYPES) {
      List<Tensor> xs = List.of(normal("a", dtype, 20_000), normal("b", dtype, 3, 2));
      List<Tensor> outs = List.of(normal("c", dtype, 20_000), normal("d", dtype, 3, 2));
      List<Tensor> expected = List.of(normal("c", dtype, 20_000), normal("d", dtype, 3, 2));
      double[] factors = {-0.3, 1.7};
      backend.axpyEach(factors, xs, outs);
      for (int i = 0; i < 2; i++) {
        backend.axpy(factors[i], xs.get(i), expected.get(i));
        Values.assertClose(outs.get(i), expected.get(i).toDoubles(), 0);
      }
      backend.scaleEach(outs, factors);
      for (int i = 0; i < 2; i++) {
        backend.scale(expected.get(i), factors[i], expected.get(i));
        Values.assertClose(outs.get(i), expected.get(i).toDoubles(), 0);
      }
    }
  }

  @Test
  void dropoutKeepsItsShareAndTheMean() {
    RandomStream stream = RandomStream.of(3, "dropout", 0, 9);
    for (DType dtype : TYPES) {
      int columns = 1_501; // no multiple of a tile or of a draw's block
      Tensor in = arena.allocate("in", dtype, 67, columns);
      backend.fill(in, 2);
      Tensor out = output(dtype, 67, columns);
      Tensor rows = arena.ints("rows", IntStream.range(0, 67).map(r -> 500 - 3 * r).toArray());
      backend.dropout(in, stream, rows, 0.1, out);
      double[] kept = out.toDoubles();
      double share = Arrays.stream(kept).filter(x -> x != 0).count() / (double) kept.length;
      assertThat(share).isCloseTo(0.9, within(0.004)); // four standard deviations
      for (int i = 0; i < 5_000; i++) {
        long position = (500L - 3 * (i / columns)) * columns + i % columns;
        boolean keeps = Integer.toUnsignedLong(stream.intAt(position)) >= 0.1 * 0x1p32;
        assertThat(kept[i]).isCloseTo(keeps ? 2 / 0.9 : 0, within(1e-6));
      }
      backend.dropout(in, stream, rows, 0, out);
      assertThat(out.toDoubles()).containsOnly(2);
    }
  }

  @Test
  void unaryOperationsFollowTheirFunctions() {
    check(backend::exp, StrictMath::exp, 4e-7);
    check(backend::tanh, StrictMath::tanh, 1e-6);
    check(backend::sign, Math::signum, 0);
    check(backend::relu, x -> Math.max(x, 0), 0);
    check(backend::gelu, ElementKernelsTest::gelu, 1e-6);
    check((in, out) -> backend.scale(in, 2.5, out), x -> 2.5 * x, 1e-7);
    check((in, out) -> backend.shift(in, -1.5, out), x -> x - 1.5, 1e-7);
    check(backend::copy, x -> x, 0);
    check(
        (in, out) -> {
          backend.multiply(in, in, out);
          backend.sqrt(out, out); // in place
        },
        Math::abs,
        1e-6);
    check(
        (in, out) -> {
          backend.exp(in, out);
          backend.log(out, out);
        },
        x -> x,
        1e-6);
  }

  @Test
  void binaryOperationsRepeatRowsColumnsAndScalars() {
    check(backend::add, Double::sum);
    check(backend::subtract, (a, b) -> a - b);
    check(backend::multiply, (a, b) -> a * b);
    check(backend::divide, (a, b) -> a / b);
  }

  @Test
  void backwardOperationsAreTheDerivatives() {
    for (DType dtype : TYPES) {
      double[] x = Values.normal("x", 1025);
      double[] d = Values.normal("d", 1025);
      Tensor in = Values.tensor(arena, "x", dtype, x, 1025);
      Tensor dOut = Values.tensor(arena, "d", dtype, d, 1025);
      Tensor dIn = output(dtype, 1025);
      backend.geluBackward(in, dOut, dIn);
      double h = 1e-6;
      Values.assertClose(
          dIn,
          map(x, d, (v, g) -> g * (gelu(v + h) - gelu(v - h)) / (2 * h)),
          dtype == DType.F32 ? 2e-6 : 1e-8);
      backend.reluBackward(in, dOut, dIn);
      Values.assertClose(dIn, map(x, d, (v, g) -> v > 0 ? g : 0), 0);
      Tensor out = output(dtype, 1025);
      backend.tanh(in, out);
      backend.tanhBackward(out, dOut, dIn);
      Values.assertClose(
          dIn,
          map(x, d, (v, g) -> g * (1 - Math.pow(Math.tanh(v), 2))),
          dtype == DType.F32 ? 2e-6 : 1e-12);
    }
  }

  @Test
  void axpyFillMaskAndCastDoWhatTheySay() {
    for (DType dtype : TYPES) {
      Tensor x = normal("x", dtype, 33, 41);
      Tensor y = normal("y", dtype, 33, 41);
      double[] expected = map(x.toDoubles(), y.toDoubles(), (a, b) -> b + 0.5 * a);
      backend.axpy(0.5, x, y);
      Values.assertClose(y, expected, Values.tolerance(dtype, 1e-7));
      Tensor keep = arena.ints("keep", Values.below("keep", 33 * 41, 2), 33, 41);
      Tensor out = output(dtype, 33, 41);
      backend.maskedFill(x, keep, -7, out);
      Values.assertClose(out, map(x.toDoubles(), keep.toDoubles(), (a, k) -> k != 0 ? a : -7), 0);
      backend.fill(out, 3);
      Values.assertClose(out, map(x.toDoubles(), x.toDoubles(), (a, b) -> 3), 0);
      for (DType other : new DType[] {DType.F32, DType.F64}) {
        Tensor cast = output(other, 33, 41);
        backend.cast(x, cast);
        assertThat(cast.toDoubles()).containsExactly(x.toDoubles());
      }
    }
    Tensor exact = arena.floats("f", new float[] {1f, 1.00390625f, 1.01171875f, Float.NaN});
    Tensor bf16 = arena.allocate("b", DType.BF16, 4);
    backend.cast(exact, bf16); // 1 + 2^-8 is a tie and goes to even, 1 + 3 * 2^-8 goes up
    assertThat(bf16.toFloats()).containsExactly(1f, 1f, 1.015625f, Float.NaN);
  }

  @Test
  void randomFillsTakeTheStreamsDrawsByPosition() {
    RandomStream stream = RandomStream.of(3, "init", 0, 0);
    for (DType dtype : TYPES) {
      Tensor out = output(dtype, 1025);
      backend.fillUniform(out, stream, 10, -2, 2);
      double[] expected = new double[1025];
      Arrays.setAll(expected, i -> -2 + 4 * stream.uniformAt(10 + i));
      Values.assertClose(out, expected, Values.tolerance(dtype, 1e-7));
      backend.fillGaussian(out, stream, 0, 1, 3);
      Arrays.setAll(expected, i -> 1 + 3 * stream.gaussianAt(i));
      Values.assertClose(out, expected, Values.tolerance(dtype, 1e-6));
    }
  }

  /** On every device the same. */
  @Test
  void mixturesOfBf16AndOtherTypesAreRefused() {
    Tensor half = arena.allocate("half", DType.BF16, 2, 2);
    Tensor single = arena.allocate("single", DType.F32, 2, 2);
    Tensor twice = arena.allocate("twice", DType.F64, 2, 2);
    Tensor two = arena.allocate("two", DType.F32, 2);
    RandomStream stream = RandomStream.of(3, "dropout", 0, 0);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.putAll(
        Map.of(
            "add", () -> backend.add(half, single, half),
            "axpy", () -> backend.axpy(1, single, half),
            "gelu", () -> backend.gelu(half, single),
            "geluBackward", () -> backend.geluBackward(half, half, single),
            "dropout",
                () ->
                    backend.dropout(
                        half, stream, arena.ints("rows", new int[] {0, 1}), 0.5, single),
            "sum", () -> backend.sum(half, 1, two),
            "matmul", () -> backend.matmul(half, twice, half),
            "linear", () -> backend.linear(twice, half, two, half),
            "layerNorm", () -> backend.layerNorm(half, two, two, 1e-5, single, single)));
    calls.put("linearGelu", () -> backend.linearGelu(half, half, two, single, half));
    calls.put("linearAdd", () -> backend.linearAdd(half, half, two, single, half));
    calls.put(
        "addLayerNorm",
        () ->
            backend.addLayerNorm(
                List.of(Addend.of(half), Addend.of(single)), two, two, 1e-5, half, single, half));
    calls.forEach(
        (name, call) ->
            assertThatThrownBy(call::run)
                .as(name)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + ": "));
    assertThatThrownBy(() -> backend.sum(half, 0, arena.allocate("out", DType.BF16, 2)))
        .hasMessage("sum: 'out' BF16 [2] must be F32 beside 'half' BF16 [2, 2]");
  }

  @Test
  void wrongShapesAndTypesAreNamed() {
    Tensor a = normal("a", DType.F32, 3, 4);
    assertThatThrownBy(() -> backend.add(a, normal("b", DType.F32, 3), output(DType.F32, 3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("add: b must be [3, 4], or a row, a column or one element, got 'b' F32 [3]");
    assertThatThrownBy(() -> backend.exp(a, output(DType.F64, 3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exp: all arguments must be F32 as 'a' F32 [3, 4] is, got 'out' F64");
    assertThatThrownBy(() -> backend.exp(a, output(DType.F32, 4, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("exp: out must be [3, 4] as 'a' F32 [3, 4] is, got 'out' F32 [4, 3]");
  }

  private void check(Unary operation, DoubleUnaryOperator function, double f32) {
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        Tensor in = normal("in", dtype, n);
        Tensor out = output(dtype, n);
        operation.apply(in, out);
        Values.assertClose(
            out,
            Arrays.stream(in.toDoubles()).map(function).toArray(),
            Values.tolerance(dtype, f32));
      }
    }
  }

  private void check(Binary operation, DoubleBinaryOperator function) {
    for (DType dtype : TYPES) {
      for (int columns : AWKWARD) {
        int rows = 37;
        Tensor a = normal("a", dtype, rows, columns);
        int[][] shapes = {{rows, columns}, {columns}, {1, columns}, {rows, 1}, {1}, {}};
        for (int[] shape : shapes) {
          Tensor b = normal("b", dtype, shape);
          Tensor out = output(dtype, rows, columns);
          operation.apply(a, b, out);
          double[] as = a.toDoubles();
          double[] bs = b.toDoubles();
          boolean byRow =
              bs.length == columns && shape.length > 0 && shape[shape.length - 1] == columns;
          double[] expected = new double[as.length];
          for (int i = 0; i < as.length; i++) {
            int at =
                bs.length == as.length ? i : bs.length == 1 ? 0 : byRow ? i % columns : i / columns;
            expected[i] = function.applyAsDouble(as[i], bs[at]);
          }
          Values.assertClose(out, expected, Values.tolerance(dtype, 2e-7));
        }
      }
    }
  }

  private static double[] map(double[] a, double[] b, DoubleBinaryOperator function) {
    double[] out = new double[a.length];
    Arrays.setAll(out, i -> function.applyAsDouble(a[i], b[i]));
    return out;
  }

  /** By Simpson's rule on the density, independent of any erf. */
  private static double gelu(double x) {
    int steps = 4_000;
    double h = x / steps;
    double sum = density(0) + density(x);
    for (int i = 1; i < steps; i++) {
      sum += (i % 2 == 1 ? 4 : 2) * density(i * h);
    }
    return x * (0.5 + sum * h / 3);
  }

  private static double density(double x) {
    return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }
}
