package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.RandomStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowLoopsTest {
  private static final RandomStream RANDOM = RandomStream.of(5, "row loops", 0, 0);
  private static final int[] LENGTHS = {0, 1, 7, 8, 9, 31, 32, 33, 64, 100, 384, 1024, 1025, 5000};

  private final RowLoops java = new JavaRowLoops();

  @Test
  void bothProvidersGiveTheSameBits() {
    assertThat(RowLoops.BEST)
        .as("the tests' JVM has the module")
        .isInstanceOf(VectorRowLoops.class);
    for (int length : LENGTHS) {
      float[] a = values(0, length, 3);
      float[] b = values(10_000, length, 3);
      assertThat(RowLoops.BEST.sum(a, length)).isEqualTo(java.sum(a, length));
      assertThat(RowLoops.BEST.dot(a, b, length)).isEqualTo(java.dot(a, b, length));
      assertThat(RowLoops.BEST.max(a, length)).isEqualTo(java.max(a, length));
    }
  }

  @Test
  void sumsAreThoseOfDoublesToSinglePrecision() {
    for (RowLoops loops : List.of(java, RowLoops.BEST)) {
      for (int length : LENGTHS) {
        float[] a = values(0, length, 1);
        float[] b = values(10_000, length, 1);
        double sum = 0;
        double dot = 0;
        double size = 0;
        for (int i = 0; i < length; i++) {
          sum += a[i];
          dot += (double) a[i] * b[i];
          size += Math.abs(a[i]) + Math.abs((double) a[i] * b[i]);
        }
        double tolerance = 4e-7 * size; // a block adds at most 32 + 10 numbers in one lane
        assertThat(loops.sum(a, length)).isCloseTo(sum, within(tolerance));
        assertThat(loops.dot(a, b, length)).isCloseTo(dot, within(tolerance));
      }
    }
  }

  @Test
  void theGreatestOfARowIsNotANumberWhereOneIsNone() {
    for (RowLoops loops : List.of(java, RowLoops.BEST)) {
      assertThat(loops.max(new float[0], 0)).isEqualTo(Float.NEGATIVE_INFINITY);
      float[] row = values(0, 100, 1);
      row[40] = Float.NaN;
      assertThat(loops.max(row, 100)).isNaN();
    }
  }

  private static float[] values(long first, int length, double deviation) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (deviation * RANDOM.gaussianAt(first + i));
    }
    return values;
  }
}
