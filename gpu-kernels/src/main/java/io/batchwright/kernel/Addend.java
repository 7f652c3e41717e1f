package io.batchwright.kernel;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameStored;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.tensor.Tensor;

/**
 * A term of a sum of rows: row i of the sum gets row {@code rows[i]} of the values, or without row
 * numbers row i, or the only row.
 *
 * @param values [V, D]; without row numbers V is the number of rows of the sum, or 1
 * @param rows [B] (I32), each below V; null for none
 */
public record Addend(Tensor values, Tensor rows) {
  /** A matrix of the sum's shape, or one row for all. */
  public static Addend of(Tensor values) {
    return new Addend(values, null);
  }

  /** Whether each row of the sum gets the same. */
  public boolean isRepeated() {
    return rows == null && values.shape().dim(0) == 1;
  }

  /** Fails unless it can be added to {@code sum} [B, D]; row numbers are checked by who reads. */
  void check(String operation, Tensor sum) {
    sameStored(operation, sum, values);
    rank(operation, "an addend", values, 2);
    int count = sum.shape().dim(0);
    require(
        values.shape().dim(1) == sum.shape().dim(1),
        operation,
        "%s and %s have rows of another length",
        values,
        sum);
    if (rows == null) {
      require(
          values.shape().dim(0) == count || values.shape().dim(0) == 1,
          operation,
          "an addend without row numbers must have 1 or %d rows, got %s",
          count,
          values);
    } else {
      integers(operation, "rows", rows);
      shape(operation, "rows", rows, count);
    }
  }
}
