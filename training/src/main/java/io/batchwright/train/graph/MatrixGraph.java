package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;

/** Matrix products and changes of layout of a {@link Graph}. */
public sealed interface MatrixGraph permits Graph {
  /** The graph itself. */
  Graph graph();

  /** [M, K] x [K, N] -> [M, N]. */
  default Variable matmul(Variable a, Variable b) {
    return MatrixOperations.matmul(graph(), a, false, b, false, 1);
  }

  /** {@code alpha * op(a) op(b)}, where op transposes if its flag says so. */
  default Variable matmul(
      Variable a, boolean transposeA, Variable b, boolean transposeB, double alpha) {
    return MatrixOperations.matmul(graph(), a, transposeA, b, transposeB, alpha);
  }

  /** {@code x weight^T + bias}: [B, I] x [O, I] + [O] -> [B, O]. */
  default Variable linear(Variable x, Variable weight, Variable bias) {
    return MatrixOperations.linear(graph(), x, weight, bias);
  }

  /** [M, N] -> [N, M]. */
  default Variable transpose(Variable x) {
    return MatrixOperations.transpose(graph(), x);
  }

  /** The same elements in the same order under another shape. */
  default Variable reshape(Variable x, Shape shape) {
    return MatrixOperations.reshape(graph(), x, shape);
  }
}
