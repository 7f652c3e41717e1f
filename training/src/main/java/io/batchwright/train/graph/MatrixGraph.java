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

  /** {@link #linear} and {@link ElementGraph#gelu} of it, in one pass over memory. */
  default Variable linearGelu(Variable x, Variable weight, Variable bias) {
    return MatrixOperations.linearGelu(graph(), x, weight, bias);
  }

  /** {@code residual + linear(x, weight, bias)} in one pass over memory; residual [B, O]. */
  default Variable linearAdd(Variable x, Variable weight, Variable bias, Variable residual) {
    return MatrixOperations.linearAdd(graph(), x, weight, bias, residual);
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
