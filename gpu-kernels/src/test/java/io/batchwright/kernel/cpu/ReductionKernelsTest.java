package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReductionKernelsTest extends KernelTest {

  @Test
  void reducesAlongEveryDim() {
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        int[] dims = {3, n, 5};
        Tensor in = normal("in", dtype, dims);
        double[] values = in.toDoubles();
        for (int dim = 0; dim < 3; dim++) {
          int[] kept = dims.clone();
          kept[dim] = 1;
          double[] sum = new double[values.length / dims[dim]];
          double[] max = new double[sum.length];
          Arrays.fill(max, Double.NEGATIVE_INFINITY);
          for (int i = 0; i < values.length; i++) {
            int[] at = {i / (n * 5), i / 5 % n, i % 5};
            at[dim] = 0;
            int to = (at[0] * kept[1] + at[1]) * kept[2] + at[2];
            sum[to] += values[i];
            max[to] = Math.max(max[to], values[i]);
          }
          Tensor out = output(dtype, kept);
          backend.sum(in, dim, out);
          Values.assertClose(out, sum, Values.tolerance(dtype, 1e-6));
          backend.mean(in, dim - 3, out);
          int extent = dims[dim];
          Values.assertClose(
              out,
              Arrays.stream(sum).map(s -> s / extent).toArray(),
              Values.tolerance(dtype, 1e-6));
          backend.max(in, dim, out);
          Values.assertClose(out, max, 0);
        }
        Tensor all = output(dtype);
        backend.sumAll(in, all);
        Values.assertClose(
            all, new double[] {Arrays.stream(values).sum()}, Values.tolerance(dtype, 1e-6));
        assertThat(backend.sumOfSquares(in) / Arrays.stream(values).map(v -> v * v).sum())
            .isCloseTo(1, within(dtype == DType.F32 ? 1e-6 : 1e-12));
      }
    }
  }

  @Test
  void squaresBeyondTheRangeOfFloatsAreSummed() {
    Tensor in = output(DType.F32, 3);
    backend.fill(in, 1e30);
    assertThat(backend.sumOfSquares(in) / 3e60).isCloseTo(1, within(1e-6));
  }

  @Test
  void softmaxAndLogSumExpFollowTheirFormulasUnderAnyMask() {
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        int rows = 9;
        Tensor scores = normal("scores", dtype, rows, n);
        backend.scale(scores, 20, scores);
        int[] keep = Values.below("keep" + n, rows * n, 3);
        Arrays.fill(keep, 0, n, 0); // the first row is all out
        double[] addend =
            Arrays.stream(keep).mapToDouble(k -> k == 0 ? Double.NEGATIVE_INFINITY : 0).toArray();
        Tensor[] masks = {
          null,
          arena.ints("keep", keep, rows, n),
          Values.tensor(arena, "addend", dtype, addend, rows, n)
        };
        for (Tensor mask : masks) {
          double[] s = scores.toDoubles();
          double[] probabilities = new double[rows * n];
          double[] logs = new double[rows];
          for (int b = 0; b < rows; b++) {
            double sum = 0;
            for (int i = b * n; i < (b + 1) * n; i++) {
              probabilities[i] = mask == null || keep[i] != 0 ? Math.exp(s[i]) : 0;
              sum += probabilities[i];
            }
            logs[b] = Math.log(sum);
            for (int i = b * n; i < (b + 1) * n; i++) {
              probabilities[i] = sum == 0 ? 0 : probabilities[i] / sum;
            }
          }
          Tensor out = output(dtype, rows, n);
          Tensor lse = output(dtype, rows);
          backend.softmax(scores, mask, out);
          backend.logSumExp(scores, mask, lse);
          Values.assertClose(out, probabilities, Values.tolerance(dtype, 1e-6));
          Values.assertClose(lse, logs, Values.tolerance(dtype, 1e-6));
          checkBackward(out, dtype, rows, n);
        }
      }
    }
  }

  private void checkBackward(Tensor probabilities, DType dtype, int rows, int n) {
    Tensor dOut = normal("d", dtype, rows, n);
    Tensor dScores = output(dtype, rows, n);
    backend.softmaxBackward(probabilities, dOut, dScores);
    double[] p = probabilities.toDoubles();
    double[] d = dOut.toDoubles();
    double[] expected = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      double dot = 0;
      for (int j = i / n * n; j < (i / n + 1) * n; j++) {
        dot += p[j] * d[j];
      }
      expected[i] = p[i] * (d[i] - dot);
    }
    Values.assertClose(dScores, expected, Values.tolerance(dtype, 1e-6));
  }

  @Test
  void aFullyMaskedRowIsMinusInfinityAndNaNScoresStayNaN() {
    Tensor scores =
        arena.floats(
            "s",
            new float[] {1, 2, Float.NaN, 1, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY},
            3,
            2);
    Tensor keep = arena.ints("keep", new int[] {0, 0, 1, 1, 1, 1}, 3, 2);
    Tensor lse = output(DType.F32, 3);
    Tensor out = output(DType.F32, 3, 2);
    backend.logSumExp(scores, keep, lse);
    backend.softmax(scores, keep, out);
    assertThat(lse.toFloats())
        .containsExactly(Float.NEGATIVE_INFINITY, Float.NaN, Float.NEGATIVE_INFINITY);
    assertThat(out.toFloats()).containsExactly(0, 0, Float.NaN, Float.NaN, 0, 0);
  }

  @Test
  void normalizedRowsHaveUnitLengthAndTheRightGradient() {
    for (DType dtype : TYPES) {
      for (int width : AWKWARD) {
        int rows = 4;
        Tensor in = normal("in", dtype, rows, width);
        backend.fill(in.rows(1, 2), 0);
        Tensor norms = output(dtype, rows);
        Tensor out = output(dtype, rows, width);
        backend.l2Normalize(in, norms, out);
        Tensor dOut = normal("d", dtype, rows, width);
        Tensor dIn = output(dtype, rows, width);
        backend.l2NormalizeBackward(out, norms, dOut, dIn);
        double[] x = in.toDoubles();
        double[] d = dOut.toDoubles();
        double[] unit = new double[x.length];
        double[] grad = new double[x.length];
        for (int b = 0; b < rows; b++) {
          double norm = 0;
          double dot = 0;
          for (int i = b * width; i < (b + 1) * width; i++) {
            norm += x[i] * x[i];
            dot += x[i] * d[i];
          }
          norm = Math.sqrt(norm);
          for (int i = b * width; i < (b + 1) * width; i++) {
            unit[i] = norm == 0 ? 0 : x[i] / norm;
            grad[i] = norm == 0 ? d[i] / 1e-12 : (d[i] - x[i] * dot / (norm * norm)) / norm;
          }
        }
        Values.assertClose(out, unit, Values.tolerance(dtype, 1e-6));
        Values.assertClose(dIn, grad, dtype == DType.F32 ? 1e-5 : 1e-11);
      }
    }
  }

  @Test
  void pooledUnitVectorsAreTheBitsOfMeansThatAreScaledAndSoAreTheirGradients() {
    Tensor offsets = arena.ints("offsets", new int[] {0, 1, 1, 4, 20, 37});
    Tensor rows = arena.ints("rows", IntStream.range(0, 37).toArray());
    for (DType dtype : TYPES) {
      double tolerance = backend.device().equals("cpu") ? 0 : dtype == DType.F32 ? 3e-7 : 1e-14;
      for (int width : AWKWARD) {
        Tensor in = normal("in", dtype, 37, width);
        Tensor means = output(dtype, 5, width);
        Tensor expectedNorms = output(dtype, 5);
        Tensor expected = output(dtype, 5, width);
        backend.embeddingBagMean(in, rows, offsets, means);
        backend.l2Normalize(means, expectedNorms, expected);
        Tensor norms = output(dtype, 5);
        Tensor out = output(dtype, 5, width);
        backend.poolNormalize(in, offsets, norms, out);
        Values.assertClose(norms, expectedNorms.toDoubles(), tolerance);
        Values.assertClose(out, expected.toDoubles(), tolerance);
        Tensor dOut = normal("dOut", dtype, 5, width);
        Tensor dMeans = output(dtype, 5, width);
        backend.l2NormalizeBackward(expected, expectedNorms, dOut, dMeans);
        Tensor dIn = output(dtype, 37, width);
        backend.poolNormalizeBackward(out, norms, offsets, dOut, dIn);
        Values.assertClose(
            dIn,
            backend.embeddingBagMeanBackward(dMeans, rows, offsets, 37, arena).values().toDoubles(),
            10 * tolerance);
      }
    }
    assertThatThrownBy(
            () ->
                backend.poolNormalize(
                    normal("in", DType.F32, 36, 4),
                    offsets,
                    output(DType.F32, 5),
                    output(DType.F32, 5, 4)))
        .hasMessage(
            "poolNormalize: cuSeqlens must rise from 0 to 36, the number of positions;"
                + " it starts at 0 and ends at 37");
  }

  @Test
  void oneBadElementIsFoundWhereverItIs() {
    for (DType dtype : TYPES) {
      Tensor tensor = normal("t", dtype, 2049);
      double[] values = tensor.toDoubles();
      values[7] = dtype == DType.F32 ? Float.MAX_VALUE : Double.MAX_VALUE;
      tensor.copyFrom(values);
      assertThat(backend.allFinite(tensor)).isTrue();
      for (int at : new int[] {0, 1023, 1024, 2048}) {
        for (double bad :
            new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
          double[] spoiled = values.clone();
          spoiled[at] = bad;
          tensor.copyFrom(spoiled);
          assertThat(backend.allFinite(tensor)).as("%s at %d", bad, at).isFalse();
        }
      }
    }
  }

  @Test
  void wrongMasksAreNamed() {
    Tensor scores = normal("scores", DType.F32, 2, 3);
    assertThatThrownBy(
            () -> backend.softmax(scores, normal("mask", DType.F32, 3, 2), output(DType.F32, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "softmax: mask must be [2, 3] as 'scores' F32 [2, 3] is, got 'mask' F32 [3, 2]");
  }
}
