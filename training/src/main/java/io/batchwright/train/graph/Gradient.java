package io.batchwright.train.graph;

import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Optional;

/**
 * The gradient of a parameter: all of it, or only the rows that a step touched.
 *
 * <p>Scaling, norms and finite checks work on {@link #values()} alone and need not know which of
 * the two they have; reduction across ranks and the update of the parameter do.
 *
 * @param values the parameter's shape when dense, {@code [U, D]} when row-sparse
 * @param rowSparse the same values with their row numbers; empty when dense
 */
public record Gradient(Tensor values, Optional<RowSparse> rowSparse) {

  /** A gradient with a value for every element of its parameter. */
  public static Gradient dense(Tensor values) {
    return new Gradient(values, Optional.empty());
  }

  /** A gradient that is exactly zero outside of some rows; they are sorted and unique. */
  public static Gradient sparse(RowSparse rows) {
    return new Gradient(rows.values(), Optional.of(rows));
  }

  /** Whether only some rows are stored. */
  public boolean isSparse() {
    return rowSparse.isPresent();
  }
}
