package io.batchwright.train.loss;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Which columns of a score matrix are out, row by row. Most batches have nothing to take out. */
final class CandidateMask {
  private final int rows;
  private final int columns;
  private int[] allowed;

  CandidateMask(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  void exclude(int row, int column) {
    if (allowed == null) {
      allowed = new int[Math.multiplyExact(rows, columns)];
      Arrays.fill(allowed, 1);
    }
    allowed[row * columns + column] = 0;
  }

  boolean allows(int row, int column) {
    return allowed == null || allowed[row * columns + column] != 0;
  }

  /** The rows that have a column left. */
  int[] rowsWithAny() {
    return IntStream.range(0, rows)
        .filter(row -> IntStream.range(0, columns).anyMatch(column -> allows(row, column)))
        .toArray();
  }

  int columns() {
    return columns;
  }

  /** I32 [rows, columns], 0 where a score is out; null where none is. */
  Tensor tensor(Arena arena) {
    return allowed == null ? null : arena.ints("allowed", allowed, rows, columns);
  }

  /** Those rows of this mask, in that order. */
  CandidateMask rows(int[] chosen) {
    CandidateMask mask = new CandidateMask(chosen.length, columns);
    if (allowed != null) {
      mask.allowed = new int[chosen.length * columns];
      for (int i = 0; i < chosen.length; i++) {
        System.arraycopy(allowed, chosen[i] * columns, mask.allowed, i * columns, columns);
      }
    }
    return mask;
  }

  /** The columns of this mask, then those of {@code other}. */
  CandidateMask beside(CandidateMask other) {
    CandidateMask mask = new CandidateMask(rows, columns + other.columns);
    if (allowed == null && other.allowed == null) {
      return mask;
    }
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < mask.columns; column++) {
        boolean in = column < columns ? allows(row, column) : other.allows(row, column - columns);
        if (!in) {
          mask.exclude(row, column);
        }
      }
    }
    return mask;
  }
}
