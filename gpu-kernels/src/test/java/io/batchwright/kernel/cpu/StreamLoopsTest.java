package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.tensor.RandomStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamLoopsTest {
  private static final RandomStream RANDOM = RandomStream.of(5, "stream loops", 0, 0);
  private static final int[] LENGTHS = {
    0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 384, 1024, 1025, 5000
  };
  private static final int LONGEST = 5000;
  private static final int ROWS = 5;

  /** Two groups of rows that are added at once, and some more. */
  private static final int[] MANY_ROWS = IntStream.range(0, 21).map(i -> i * i % 3).toArray();

  private static final double[] FACTORS =
      IntStream.range(0, 21).mapToDouble(i -> 0.3 * i - 2).toArray();

  private static final int GUARD = 64;
  private static final float[] ENDS = {
    Float.NEGATIVE_INFINITY, -200, -104.5f, -95, -0f, 88.8f, Float.POSITIVE_INFINITY, Float.NaN
  };

  private final Scratch scratch = new Scratch();
  private final StreamLoops java = new ArrayStreamLoops(new JavaRowLoops());
  private final StreamLoops vectors = scratch.streams;
  private final long memory = OffHeap.allocate(4L * ROWS * (LONGEST + GUARD));

  @AfterEach
  void free() {
    OffHeap.free(memory);
  }

  /** A loop over rows that lie at {@code at[0]}, {@code at[1]} and so on. */
  private interface Loop {
    void run(StreamLoops loops, long[] at, int count);
  }

  @Test
  void theTestsJvmHasVectors() {
    assertThat(vectors).isInstanceOf(VectorStreamLoops.class);
  }

  @Test
  void bothProvidersGiveTheSameBits() {
    AdamWLoops.Step step =
        AdamWLoops.Step.of(new AdamWRule(0.9, 0.999, 1e-8, 0.01), 1e-3, 7, scratch);
    List<Loop> loops =
        List.of(
            (l, at, n) -> l.add(at[0], at[1], at[2], n),
            (l, at, n) -> l.add(at[0], at[1], at[1], n),
            (l, at, n) -> l.addRow(at[0], at[1], at[2], n == 0 ? 0 : 5000 / n / 2, n),
            (l, at, n) -> l.addRowAnd(at[0], at[1], at[2], at[3], n == 0 ? 0 : 5000 / n / 2, n),
            (l, at, n) -> addRows(l, at, Math.min(n, Scratch.TILE)),
            (l, at, n) -> l.sumRows(at[0], new int[] {2, 0, 1}, null, 0, 3, at[3], n),
            (l, at, n) ->
                l.sumRows(at[0], new int[] {9, 2, 0}, new double[] {5, 0.3, 2}, 1, 3, at[3], n),
            (l, at, n) -> l.sumRows(at[0], new int[0], null, 0, 0, at[3], n),
            (l, at, n) -> l.sumRows(at[0], MANY_ROWS, null, 0, MANY_ROWS.length, at[3], n),
            (l, at, n) -> l.sumRows(at[0], MANY_ROWS, FACTORS, 2, MANY_ROWS.length, at[3], n),
            (l, at, n) -> l.maxima(at[0], n == 0 ? 3 : 5000 / n / 2, n, at[2]),
            (l, at, n) -> l.columnMaxima(at[0], 2, n == 0 ? 3 : 5000 / n / 2, n, at[2]),
            (l, at, n) -> l.columnMaxima(at[0], Math.min(n, 80), 3, 20, at[2]),
            (l, at, n) -> l.multiply(at[0], at[1], at[2], n),
            (l, at, n) -> l.scale(at[0], 0.3f, at[0], n),
            (l, at, n) -> l.shift(at[0], 0.3f, at[1], n),
            (l, at, n) -> l.axpy(0.3f, at[0], at[1], at[2], n),
            (l, at, n) -> l.tanh(at[0], at[1], n),
            (l, at, n) -> l.gelu(at[0], at[1], n),
            (l, at, n) -> l.geluBackward(at[0], at[1], at[2], n),
            (l, at, n) -> l.adamW(at[0], at[1], at[2], at[4], n, step),
            (l, at, n) -> l.decay(at[0], at[4], n, step));
    for (int loop = 0; loop < loops.size(); loop++) {
      for (int length : LENGTHS) {
        float[] expected = after(loops.get(loop), java, length);
        float[] found = after(loops.get(loop), vectors, length);
        for (int i = 0; i < found.length; i++) {
          if (Float.floatToIntBits(found[i]) != Float.floatToIntBits(expected[i])) {
            assertThat(found[i])
                .as("loop %s of %s elements, row %s", loop, length, i / (LONGEST + GUARD))
                .isEqualTo(expected[i]);
          }
        }
      }
    }
  }

  private static void addRows(StreamLoops loops, long[] at, int width) {
    float[] sums = new float[width];
    OffHeap.get(at[4], sums, width);
    loops.addRows(at[0], width + 3, 17, sums, width);
    OffHeap.put(sums, at[4], width);
  }

  /** All memory after a loop, the guards behind the rows too. */
  private float[] after(Loop loop, StreamLoops loops, int length) {
    int whole = ROWS * (LONGEST + GUARD);
    float[] values = values(length, whole, 5);
    System.arraycopy(ENDS, 0, values, 0, ENDS.length);
    long[] at = new long[ROWS];
    for (int row = 0; row < ROWS; row++) {
      at[row] = memory + 4L * row * (LONGEST + GUARD);
    }
    for (int i = 4 * (LONGEST + GUARD); i < whole; i++) {
      values[i] = Math.abs(values[i]); // second moments
    }
    OffHeap.put(values, memory, whole);
    loop.run(loops, at, length);
    OffHeap.get(memory, values, whole);
    return values;
  }

  @Test
  void squaresAreThoseOfRows() {
    for (int length : LENGTHS) {
      float[] a = values(0, length, 1);
      OffHeap.put(a, memory, length);
      double expected = scratch.rows.dot(a, a, length);
      assertThat(vectors.squares(memory, length)).isEqualTo(expected);
      assertThat(java.squares(memory, length)).isEqualTo(expected);
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
