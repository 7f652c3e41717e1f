package io.batchwright.train.layer;

import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** The initial value of each element of a parameter, as a function of its position. */
@FunctionalInterface
public interface InitialValues {
  /** The value at {@code position}, counted over all elements in row-major order. */
  double at(long position);

  /** Zero everywhere, as for biases. */
  static InitialValues zero() {
    return position -> 0;
  }

  /** One everywhere, as for the gains of norms. */
  static InitialValues one() {
    return position -> 1;
  }

  /** Independent uniform values in {@code [-bound, bound)}. */
  static InitialValues uniform(RandomStream random, double bound) {
    return position -> bound * (2 * random.uniformAt(position) - 1);
  }

  /** Overwrites {@code tensor}, row by row. */
  default void fill(Tensor tensor) {
    int columns = tensor.shape().columns();
    int rows = Math.toIntExact(tensor.shape().rows());
    Tensor matrix = tensor.reshape(Shape.of(rows, columns));
    double[] row = new double[columns];
    for (int r = 0; r < rows; r++) {
      long start = (long) r * columns;
      Arrays.setAll(row, column -> at(start + column));
      matrix.rows(r, r + 1).copyFrom(row);
    }
  }
}
