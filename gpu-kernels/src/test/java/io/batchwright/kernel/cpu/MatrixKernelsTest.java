package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MatrixKernelsTest extends KernelTest {
  private static final int[][] SHAPES = {
    {1, 1, 1},
    {31, 32, 33},
    {33, 1, 32},
    {1, 33, 1025},
    {1025, 31, 1},
    {33, 1025, 31},
    {70, 130, 600},
    {5, 0, 7}
  };

  @Test
  void productsEqualThePlainTripleLoopForEveryTransposition() {
    for (DType dtype : TYPES) {
      for (int[] mkn : SHAPES) {
        for (int flags = 0; flags < 4; flags++) {
          check(dtype, mkn[0], mkn[1], mkn[2], (flags & 1) != 0, (flags & 2) != 0, 1, 0);
        }
      }
      check(dtype, 33, 140, 31, true, false, -0.5, 1);
      check(dtype, 33, 140, 31, false, true, 2, 0.25);
      check(dtype, 3, 0, 5, false, false, 2, 0.25);
    }
  }

  @Test
  void linearAddsItsBiasToEachRowAsAProductAndASumWould() {
    for (DType dtype : TYPES) {
      for (int[] mkn : SHAPES) {
        Tensor x = normal("x", dtype, mkn[0], mkn[1]);
        Tensor weight = normal("weight", dtype, mkn[2], mkn[1]);
        Tensor bias = normal("bias", dtype, mkn[2]);
        Tensor expected = output(dtype, mkn[0], mkn[2]);
        backend.matmul(x, false, weight, true, 1, 0, expected);
        backend.add(expected, bias, expected);
        Tensor out = output(dtype, mkn[0], mkn[2]);
        backend.linear(x, weight, bias, out);
        Values.assertClose(out, expected.toDoubles(), 0);
      }
    }
    assertThatThrownBy(
            () ->
                backend.linear(
                    normal("x", DType.F32, 2, 3),
                    normal("weight", DType.F32, 4, 3),
                    normal("bias", DType.F32, 3),
                    output(DType.F32, 2, 4)))
        .hasMessage("linear: bias must be [4], got 'bias' F32 [3]");
  }

  @Test
  void geluAndResidualAfterALayerAreTheBitsOfOneOperationAfterTheOther() {
    for (DType dtype : TYPES) {
      for (int[] mkn : SHAPES) {
        Tensor x = normal("x", dtype, mkn[0], mkn[1]);
        Tensor weight = normal("weight", dtype, mkn[2], mkn[1]);
        Tensor bias = normal("bias", dtype, mkn[2]);
        Tensor linear = output(dtype, mkn[0], mkn[2]);
        backend.linear(x, weight, bias, linear);
        Tensor expected = output(dtype, mkn[0], mkn[2]);
        backend.gelu(linear, expected);
        Tensor before = output(dtype, mkn[0], mkn[2]);
        Tensor out = output(dtype, mkn[0], mkn[2]);
        backend.linearGelu(x, weight, bias, before, out);
        Values.assertClose(before, linear.toDoubles(), 0);
        Values.assertClose(out, expected.toDoubles(), 0);
        Tensor residual = normal("residual", dtype, mkn[0], mkn[2]);
        backend.add(residual, linear, expected);
        backend.linearAdd(x, weight, bias, residual, out);
        Values.assertClose(out, expected.toDoubles(), 0);
      }
    }
    Tensor x = normal("x", DType.F32, 2, 3);
    Tensor weight = normal("weight", DType.F32, 4, 3);
    Tensor bias = normal("bias", DType.F32, 4);
    Tensor out = output(DType.F32, 2, 4);
    assertThatThrownBy(
            () -> backend.linearGelu(x, weight, bias, normal("before", DType.F32, 2, 3), out))
        .hasMessage(
            "linearGelu: before must be [2, 4] as 'out' F32 [2, 4] is, got 'before' F32 [2, 3]");
    assertThatThrownBy(
            () -> backend.linearAdd(x, weight, bias, normal("residual", DType.F64, 2, 4), out))
        .hasMessageStartingWith("linearAdd: all arguments must be F32");
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      Tensor both = arena.allocate("both", dtype, 4, 4);
      Tensor half = arena.allocate("half", dtype, 2, 3);
      Tensor upper = both.rows(0, 2);
      assertThatThrownBy(() -> backend.linearAdd(half, weight, bias, upper, both.rows(1, 3)))
          .hasMessage(
              "linearAdd: residual must not share memory with 'both' %1$s [2, 4], got 'both' %1$s"
                  + " [2, 4]",
              dtype);
      backend.linearAdd(half, weight, bias, upper, both.rows(2, 4));
    }
  }

  @Test
  void outputsOfNoElementsAreFine() {
    backend.matmul(
        normal("a", DType.F32, 0, 3), normal("b", DType.F32, 3, 4), output(DType.F32, 0, 4));
  }

  @Test
  void transposesEveryType() {
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        Tensor in = normal("in", dtype, 37, n);
        Tensor out = output(dtype, n, 37);
        Tensor back = output(dtype, 37, n);
        backend.transpose(in, out);
        backend.transpose(out, back);
        assertThat(back.toDoubles()).containsExactly(in.toDoubles());
        assertThat(out.toDoubles()[36]).isEqualTo(in.toDoubles()[36 * n]);
      }
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    Tensor a = normal("a", DType.F32, 2, 3);
    Tensor b = normal("b", DType.F32, 4, 5);
    assertThatThrownBy(() -> backend.matmul(a, b, output(DType.F32, 2, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("matmul: inner dims differ: 'a' F32 [2, 3] times 'b' F32 [4, 5]");
    assertThatThrownBy(
            () ->
                backend.matmul(
                    a, false, normal("c", DType.F32, 5, 3), true, 1, 0, output(DType.F32, 2, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("matmul: out must be [2, 5], got 'out' F32 [2, 4]");
  }

  private void check(
      DType dtype, int m, int k, int n, boolean ta, boolean tb, double alpha, double beta) {
    Tensor a = ta ? normal("a", dtype, k, m) : normal("a", dtype, m, k);
    Tensor b = tb ? normal("b", dtype, n, k) : normal("b", dtype, k, n);
    Tensor out = beta == 0 ? output(dtype, m, n) : normal("c", dtype, m, n);
    double[] as = a.toDoubles();
    double[] bs = b.toDoubles();
    double[] expected = out.toDoubles();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += as[ta ? l * m + i : i * k + l] * bs[tb ? j * k + l : l * n + j];
        }
        expected[i * n + j] = alpha * sum + (beta == 0 ? 0 : beta * expected[i * n + j]);
      }
    }
    backend.matmul(a, ta, b, tb, alpha, beta, out);
    Values.assertClose(out, expected, dtype == DType.F32 ? 1e-4 : 1e-12);
  }
}
