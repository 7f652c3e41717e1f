package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * The backward function of an operation for one of its inputs: from the gradient of the output to
 * the gradient of the input.
 *
 * <p>The result has the input's shape. It may be the given tensor itself, and nobody writes into it
 * afterwards, unless {@link #makesItsResult}: the graph adds up several contributions in a tensor
 * of its own.
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

  /**
   * Whether nothing else holds what {@link #apply} returns, and nothing of it is what was given:
   * then the graph may write into both afterwards.
   */
  default boolean makesItsResult() {
    return false;
  }

  /**
   * Adds the product to a gradient of the input that is there already, instead of returning it.
   *
   * @param outputGradient the output's shape; read only
   * @param sum the input's shape
   * @return whether it did; if not, the graph adds what {@link #apply} returns
   */
  default boolean addTo(Tensor outputGradient, Tensor sum) {
    return false;
  }

  /** A backward function that {@link #makesItsResult}. */
  static Pullback making(UnaryOperator<Tensor> function) {
    return new Pullback() {
      @Override
      public Tensor apply(Tensor outputGradient) {
        return function.apply(outputGradient);
      }

      @Override
      public boolean makesItsResult() {
        return true;
      }
    };
  }
}
