package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SearchKernelsTest extends KernelTest {
  private static final int ROWS = 3;

  @Test
  void theBestOfAllTilesAreThoseOfAFullSort() {
    for (int k : new int[] {1, 10, 129, 1500}) {
      for (int bound : new int[] {7, 1 << 20}) { // many equal scores, few
        for (int[] tiles : new int[][] {{5}, {2600, 1, 1024, 0, 1399}}) {
          check(k, bound, tiles);
        }
      }
    }
  }

  private void check(int k, int bound, int[] tiles) {
    int total = Arrays.stream(tiles).sum();
    int[] drawn = Values.below("scores " + k + bound, ROWS * total, bound);
    Tensor best = arena.allocate("best", DType.F32, ROWS, k);
    Tensor ordinals = arena.allocate("ordinals", DType.I32, ROWS, k);
    backend.fill(best, Double.NEGATIVE_INFINITY);
    backend.fill(ordinals, -1);
    int first = 0;
    for (int columns : tiles) {
      int width = columns + 3; // columns that do not count hold what would be best
      float[] tile = new float[ROWS * width];
      Arrays.fill(tile, Float.MAX_VALUE);
      for (int i = 0; i < ROWS * columns; i++) {
        tile[i / columns * width + i % columns] =
            drawn[i / columns * total + first + i % columns] - bound / 2;
      }
      backend.keepBest(arena.floats("scores", tile, ROWS, width), columns, first, best, ordinals);
      first += columns;
    }
    for (int row = 0; row < ROWS; row++) {
      int from = row * total;
      int[] sorted =
          IntStream.range(0, total)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingInt(c -> -drawn[from + c])
                      .thenComparing(Comparator.naturalOrder()))
              .limit(k)
              .mapToInt(Integer::intValue)
              .toArray();
      int[] expected = Arrays.copyOf(sorted, k);
      Arrays.fill(expected, sorted.length, k, -1);
      assertThat(ordinals.rows(row, row + 1).toInts()).containsExactly(expected);
      double[] scores = new double[k];
      Arrays.fill(scores, Double.NEGATIVE_INFINITY);
      Arrays.setAll(
          scores, i -> i < sorted.length ? drawn[from + sorted[i]] - bound / 2 : scores[i]);
      Values.assertClose(best.rows(row, row + 1), scores, 0);
    }
    arena.reset();
  }

  @Test
  void ofEqualScoresTheSmallerOrdinalStaysAndWhatIsNoNumberNeverComes() {
    Tensor best = arena.floats("best", new float[] {2, 0, Float.NEGATIVE_INFINITY}, 1, 3);
    Tensor ordinals = arena.ints("ordinals", new int[] {10, 11, -1}, 1, 3);
    float[] scores = {0, Float.NaN, 2, -0f, Float.NEGATIVE_INFINITY};
    backend.keepBest(arena.floats("scores", scores, 1, 5), 5, 20, best, ordinals);
    assertThat(ordinals.toInts()).containsExactly(10, 22, 11);
    assertThat(best.toFloats()).containsExactly(2, 2, 0);
  }

  @Test
  void argumentsThatDoNotFitAreNamed() {
    Tensor scores = normal("scores", DType.F32, 2, 9);
    Tensor best = arena.allocate("best", DType.F32, 2, 4);
    Tensor ordinals = arena.allocate("ordinals", DType.I32, 2, 4);
    assertThatThrownBy(() -> backend.keepBest(scores, 10, 0, best, ordinals))
        .hasMessage("keepBest: 10 columns do not exist in 'scores' F32 [2, 9]");
    assertThatThrownBy(() -> backend.keepBest(scores, 9, Integer.MAX_VALUE - 8, best, ordinals))
        .hasMessage("keepBest: ordinals from 2147483639 on do not fit");
    assertThatThrownBy(() -> backend.keepBest(scores.rows(0, 1), 9, 0, best, ordinals))
        .hasMessage("keepBest: scores must be [2, 9], got 'scores' F32 [1, 9]");
    Tensor none = arena.allocate("none", DType.F32, 2, 0);
    assertThatThrownBy(() -> backend.keepBest(scores, 9, 0, none, ordinals.reshape(2, 4)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
