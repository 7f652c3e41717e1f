package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;

/**
 * The backward function of an operation for one of its inputs: from the gradient of the output to
 * the gradient of the input.
 *
 * <p>The result has the input's shape. It may be the given tensor itself, and nobody writes into it
 * afterwards: the graph adds up several contributions in a tensor of its own.
 */
@FunctionalInterface
public interface Pullback {
  /**
   * The product of the output's gradient with the operation's Jacobian.
   *
   * @param outputGradient the output's shape; read only
   * @return the input's shape
   */
  Tensor apply(Tensor outputGradient);
}
