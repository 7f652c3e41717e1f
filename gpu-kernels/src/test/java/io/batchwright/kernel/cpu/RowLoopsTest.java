package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RowLoopsTest {
  private static final RandomStream RANDOM = RandomStream.of(5, "row loops", 0, 0);
  private static final float[] ENDS = {
    Float.NEGATIVE_INFINITY, -200, -104.5f, -95, -0f, 88.8f, Float.POSITIVE_INFINITY, Float.NaN
  };
  private static final int[] LENGTHS = {0, 1, 7, 8, 9, 31, 32, 33, 64, 100, 384, 1024, 1025, 5000};

  private final Scratch scratch = new Scratch();
  private final RowLoops java = new JavaRowLoops();
  private final RowLoops vectors = scratch.rows;

  @Test
  void bothProvidersGiveTheSameBits() {
    assertThat(vectors).as("the tests' JVM has the module").isInstanceOf(VectorRowLoops.class);
    for (int length : LENGTHS) {
      float[] a = values(0, length, 3);
      float[] b = values(10_000, length, 3);
      assertThat(vectors.sum(a, length)).isEqualTo(java.sum(a, length));
      assertThat(vectors.dot(a, b, length)).isEqualTo(java.dot(a, b, length));
      assertThat(vectors.dot(a, b, length / 3, length))
          .isEqualTo(java.dot(a, b, length / 3, length));
      assertThat(vectors.max(a, length)).isEqualTo(java.max(a, length));
    }
  }

  @Test
  void functionsHaveTheSameBitsInBothProviders() {
    for (int length : LENGTHS) {
      float[] in = values(0, length, 5);
      System.arraycopy(ENDS, 0, in, 0, Math.min(length, ENDS.length));
      assertSameBits(
          length, loops -> written(in, (a, b) -> loops.exp(a, 0.25f, b, length, scratch)));
      assertSameBits(length, loops -> written(in, (a, b) -> loops.exp(b, -1f, b, length, scratch)));
    }
  }

  @Test
  void rowsTogetherHaveTheSameBitsInBothProviders() {
    for (int pitch : new int[] {32, 64, 128, 1056}) {
      int count = 3;
      int length = count * pitch;
      float[] in = values(0, length, 5);
      System.arraycopy(ENDS, 0, in, 0, ENDS.length);
      Arrays.fill(in, pitch, 2 * pitch, Float.NEGATIVE_INFINITY);
      Arrays.fill(in, 3 * pitch - 7, 3 * pitch, Float.NEGATIVE_INFINITY);
      float[] scalars = values(10_000, count, 1);
      float[] weights = values(20_000, length, 1);
      assertSameBits(
          length, loops -> of(in, rows -> loops.expRows(rows, count, pitch, scalars, scratch)));
      assertSameBits(length, loops -> of(in, rows -> loops.scaleRows(rows, count, pitch, scalars)));
      assertSameBits(
          length, loops -> of(in, rows -> loops.weighRows(weights, rows, count, pitch, scalars)));
      float[][] maxima = new float[2][count];
      double[][] sums = new double[2][count];
      assertSameBits(
          length,
          loops -> {
            int provider = loops == java ? 0 : 1;
            return of(
                in,
                rows ->
                    loops.exponentials(
                        rows, count, pitch, maxima[provider], sums[provider], scratch));
          });
      assertThat(maxima[1]).isEqualTo(maxima[0]);
      assertThat(sums[1]).isEqualTo(sums[0]);
      assertThat(sums[1][1]).as("of scores that are all out").isZero();
      assertThat(sums[1][2]).isGreaterThanOrEqualTo(1);
    }
  }

  private static float[] of(float[] in, Consumer<float[]> loop) {
    float[] rows = in.clone();
    loop.accept(rows);
    return rows;
  }

  @Test
  void layerNormAndItsGradientHaveTheSameBitsInBothProviders() {
    for (int length : LENGTHS) {
      float[] in = values(0, length, 2);
      float[] gains = values(40_000, length, 1);
      double[] squares = new double[2];
      assertSameBits(
          length,
          loops ->
              written(
                  in, (a, b) -> squares[loops == java ? 0 : 1] = loops.centre(b, 0.3f, length)));
      assertThat(squares[1]).isEqualTo(squares[0]);
      assertSameBits(
          length, loops -> written(in, (a, b) -> loops.affine(b, 1.7f, gains, a, length)));
      NormRows expected = normRows(in, gains, length);
      NormRows found = normRows(in, gains, length);
      double[] expectedSums = new double[2];
      double[] foundSums = new double[2];
      java.normSums(expected, 0.3f, 1.7f, expectedSums, length);
      vectors.normSums(found, 0.3f, 1.7f, foundSums, length);
      assertThat(foundSums).isEqualTo(expectedSums);
      java.normBackward(expected, 0.3f, 1.7f, 0.1f, 0.2f, length);
      vectors.normBackward(found, 0.3f, 1.7f, 0.1f, 0.2f, length);
      assertSameBits(length, loops -> (loops == java ? expected : found).dIn());
      assertSameBits(length, loops -> (loops == java ? expected : found).gainSums());
      assertSameBits(length, loops -> (loops == java ? expected : found).biasSums());
    }
  }

  private static NormRows normRows(float[] in, float[] gains, int length) {
    return new NormRows(
        in,
        values(10_000, length, 1),
        gains,
        values(20_000, length, 3),
        values(30_000, length, 3),
        new float[length],
        new float[length + RowLoops.ROOM]);
  }

  private static float[] written(float[] in, BiConsumer<float[], float[]> loop) {
    float[] other = values(50_000, in.length - RowLoops.ROOM, 2);
    loop.accept(in, other);
    return other;
  }

  private void assertSameBits(int length, Function<RowLoops, float[]> result) {
    float[] expected = result.apply(java);
    float[] found = result.apply(vectors);
    for (int i = 0; i < length; i++) {
      assertThat(Float.floatToIntBits(found[i]))
          .as("%s and %s, element %s of %s", found[i], expected[i], i, length)
          .isEqualTo(Float.floatToIntBits(expected[i]));
    }
  }

  @Test
  void sumsAreThoseOfDoublesToSinglePrecision() {
    for (RowLoops loops : List.of(java, vectors)) {
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
    for (RowLoops loops : List.of(java, vectors)) {
      assertThat(loops.max(new float[0], 0)).isEqualTo(Float.NEGATIVE_INFINITY);
      float[] row = values(0, 100, 1);
      row[40] = Float.NaN;
      assertThat(loops.max(row, 100)).isNaN();
    }
  }

  private static float[] values(long first, int length, double deviation) {
    float[] values = new float[length + RowLoops.ROOM];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (deviation * RANDOM.gaussianAt(first + i));
    }
    return values;
  }
}
