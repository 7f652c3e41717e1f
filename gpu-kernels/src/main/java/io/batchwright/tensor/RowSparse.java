package io.batchwright.tensor;

/**
 * The gradient of a table of which a step touched a few rows only.
 *
 * @param rows I32 [U], the touched rows; sorted and unique when a backend made it
 * @param values [U, D], the gradient of each of these rows
 */
public record RowSparse(Tensor rows, Tensor values) {

  /** Checks types and shapes. */
  public RowSparse {
    if (rows.dtype() != DType.I32 || rows.shape().rank() != 1) {
      throw new IllegalArgumentException("RowSparse.rows must be I32 [U], got " + rows);
    }
    if (values.shape().rank() != 2 || values.shape().dim(0) != rows.shape().dim(0)) {
      throw new IllegalArgumentException(
          "RowSparse.values must be [" + rows.shape().dim(0) + ", D], got " + values);
    }
  }

  /** Number of touched rows, U. */
  public int count() {
    return rows.shape().dim(0);
  }

  /** Width of a row, D. */
  public int width() {
    return values.shape().dim(1);
  }
}
