package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.stream.IntStream;

/** Numbers for kernel tests, and how close is close enough. */
final class Values {

  private Values() {}

  /** Normal draws that a float represents exactly, so that both types see the same input. */
  static double[] normal(String purpose, int count) {
    RandomStream stream = RandomStream.of(17, purpose, 0, 0);
    return IntStream.range(0, count).mapToDouble(i -> (float) stream.gaussianAt(i)).toArray();
  }

  static int[] below(String purpose, int count, int bound) {
    RandomStream stream = RandomStream.of(18, purpose, 0, 0);
    return IntStream.range(0, count).map(i -> (int) stream.belowAt(i, bound)).toArray();
  }

  static Tensor tensor(Arena arena, String label, DType dtype, double[] values, int... dims) {
    Tensor tensor = arena.allocate(label, dtype, dims);
    tensor.copyFrom(values);
    return tensor;
  }

  /** Every element within {@code tolerance * max(1, |expected|)}; equal where infinite or NaN. */
  static void assertClose(Tensor actual, double[] expected, double tolerance) {
    double[] got = actual.toDoubles();
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      boolean same = Double.compare(got[i], expected[i]) == 0;
      double error = Math.abs(got[i] - expected[i]);
      if (!same && !(error <= tolerance * Math.max(1, Math.abs(expected[i])))) {
        assertThat(got[i]).as("%s at %d", actual, i).isEqualTo(expected[i]);
      }
    }
  }

  static double tolerance(DType dtype, double f32) {
    return dtype == DType.F32 ? f32 : 1e-12;
  }
}
