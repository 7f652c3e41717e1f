package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowKernelsTest extends KernelTest {
  /** Empty bags first, last and between; a token repeated within a bag and over bags. */
  private static final int[] OFFSETS = {0, 0, 1, 40, 40, 43, 500, 500};

  private static final int BAGS = OFFSETS.length - 1;

  @Test
  void bagsAreMeansAndTheirGradientGoesBackToTheTouchedRows() {
    for (DType dtype : TYPES) {
      for (int width : AWKWARD) {
        for (int tableRows : new int[] {1, 60, 100_000}) {
          checkBags(dtype, width, tableRows);
        }
      }
    }
  }

  private void checkBags(DType dtype, int width, int tableRows) {
    int[] ids = Values.below("ids", 500, Math.min(tableRows, 60));
    if (tableRows > 60) {
      ids = Arrays.stream(ids).map(id -> tableRows - 1 - id * 7).toArray();
    }
    Tensor tokens = arena.ints("tokens", ids);
    Tensor cuSeqlens = arena.ints("cuSeqlens", OFFSETS);
    Tensor dOut = normal("dOut", dtype, BAGS, width);
    double[] d = dOut.toDoubles();
    int[] unique = Arrays.stream(ids).sorted().distinct().toArray();
    double[] gradient = new double[unique.length * width];
    for (int b = 0; b < BAGS; b++) {
      for (int t = OFFSETS[b]; t < OFFSETS[b + 1]; t++) {
        int row = Arrays.binarySearch(unique, ids[t]);
        for (int i = 0; i < width; i++) {
          gradient[row * width + i] += d[b * width + i] / (OFFSETS[b + 1] - OFFSETS[b]);
        }
      }
    }
    RowSparse sparse = backend.embeddingBagMeanBackward(dOut, tokens, cuSeqlens, tableRows, arena);
    assertThat(sparse.rows().toInts()).containsExactly(unique);
    Values.assertClose(sparse.values(), gradient, Values.tolerance(dtype, 1e-4));
    if (tableRows <= 60) {
      Tensor table = normal("table", dtype, tableRows, width);
      double[] w = table.toDoubles();
      double[] means = new double[BAGS * width];
      for (int b = 0; b < BAGS; b++) {
        for (int t = OFFSETS[b]; t < OFFSETS[b + 1]; t++) {
          for (int i = 0; i < width; i++) {
            means[b * width + i] += w[ids[t] * width + i] / (OFFSETS[b + 1] - OFFSETS[b]);
          }
        }
      }
      Tensor out = output(dtype, BAGS, width);
      backend.embeddingBagMean(table, tokens, cuSeqlens, out);
      Values.assertClose(out, means, Values.tolerance(dtype, 2e-5));
    }
    arena.reset();
  }

  @Test
  void rowSparseGradientsAddUpWhateverTheirOrder() {
    for (DType dtype : TYPES) {
      int width = 33;
      RowSparse one =
          new RowSparse(arena.ints("r1", new int[] {1, 4, 9}), normal("v1", dtype, 3, width));
      RowSparse two =
          new RowSparse(arena.ints("r2", new int[] {9, 0, 9, 4}), normal("v2", dtype, 4, width));
      RowSparse none = new RowSparse(arena.ints("r3", new int[0]), output(dtype, 0, width));
      RowSparse sum = backend.sumRows(List.of(one, none, two), 10, arena);
      double[] dense = new double[10 * width];
      for (RowSparse part : List.of(one, two)) {
        int[] rows = part.rows().toInts();
        double[] values = part.values().toDoubles();
        for (int i = 0; i < values.length; i++) {
          dense[rows[i / width] * width + i % width] += values[i];
        }
      }
      assertThat(sum.rows().toInts()).containsExactly(0, 1, 4, 9);
      double[] expected =
          IntStream.of(0, 1, 4, 9)
              .boxed()
              .flatMapToDouble(r -> Arrays.stream(dense, r * width, (r + 1) * width))
              .toArray();
      Values.assertClose(sum.values(), expected, Values.tolerance(dtype, 1e-6));
      assertThat(backend.sumRows(List.of(none), 10, arena).count()).isZero();
    }
  }

  @Test
  void rowsAreGatheredScatteredAndJoined() {
    for (DType dtype : TYPES) {
      for (int width : AWKWARD) {
        Tensor table = normal("table", dtype, 6, width);
        double[] w = table.toDoubles();
        int[] chosen = {5, 0, 5, 2};
        Tensor rows = arena.ints("rows", chosen);
        Tensor out = output(dtype, 4, width);
        backend.gatherRows(table, rows, out);
        double[] gathered = new double[4 * width];
        for (int i = 0; i < gathered.length; i++) {
          gathered[i] = w[chosen[i / width] * width + i % width];
        }
        Values.assertClose(out, gathered, 0);
        backend.scatterAddRows(out, rows, -0.5, table);
        double[] scattered = w.clone();
        for (int i = 0; i < gathered.length; i++) {
          scattered[chosen[i / width] * width + i % width] -= 0.5 * gathered[i];
        }
        Values.assertClose(table, scattered, Values.tolerance(dtype, 1e-6));
        Tensor joined = output(dtype, 7, width);
        backend.concatRows(List.of(out.rows(0, 3), out.rows(3, 3), out), joined);
        Values.assertClose(joined.rows(3, 7), gathered, 0);
        Values.assertClose(joined.rows(0, 3), Arrays.copyOf(gathered, 3 * width), 0);
      }
    }
  }

  @Test
  void columnsAreSelectedAndAddedTo() {
    for (DType dtype : TYPES) {
      Tensor scores = normal("scores", dtype, 3, 33);
      double[] s = scores.toDoubles();
      Tensor columns = arena.ints("columns", new int[] {32, 0, 7});
      Tensor out = output(dtype, 3);
      backend.selectColumns(scores, columns, out);
      Values.assertClose(out, new double[] {s[32], s[33], s[66 + 7]}, 0);
      backend.addToColumns(out, columns, scores);
      backend.selectColumns(scores, columns, out);
      Values.assertClose(out, new double[] {2 * s[32], 2 * s[33], 2 * s[66 + 7]}, 1e-7);
    }
  }

  @Test
  void whatIsOutsideTheTableIsNamed() {
    Tensor table = normal("table", DType.F32, 4, 3);
    Tensor tokens = arena.ints("tokens", new int[] {0, 3, 4});
    assertThatThrownBy(
            () ->
                backend.embeddingBagMean(
                    table, tokens, arena.ints("cu", new int[] {0, 3}), output(DType.F32, 1, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("embeddingBagMean: row 4 at position 2 is outside the table of 4 rows");
    assertThatThrownBy(
            () ->
                backend.gatherRows(
                    table, arena.ints("rows", new int[] {-1}), output(DType.F32, 1, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gatherRows: row -1 at position 0 is outside the table of 4 rows");
    assertThatThrownBy(
            () ->
                backend.embeddingBagMean(
                    table, tokens, arena.ints("cu", new int[] {0, 2}), output(DType.F32, 1, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "embeddingBagMean: cuSeqlens must rise from 0 to 3, the number of tokens; it starts at"
                + " 0 and ends at 2");
  }
}
