package io.batchwright.train.optimizer;

import io.batchwright.tensor.Tensor;
import java.util.Map;

/**
 * An optimizer at work on its parameters.
 *
 * <p>A checkpoint holds {@link #steps()} and the bytes of {@link #state()}. To resume, build the
 * same recipe on the same parameters, copy the bytes into the tensors of {@code state()}, and call
 * {@link #resumeAt}.
 */
public interface OptimizerInstance {
  /** {@link #step(double, double)} with the gradients as they are. */
  default void step(double learningRate) {
    step(learningRate, 1);
  }

  /**
   * Updates every parameter by its gradient, then clears the gradients. A parameter without a
   * gradient is treated as one whose gradient is zero.
   *
   * @param learningRate of this step, at least 0
   * @param gradientFactor what each gradient is multiplied by first, such as {@link
   *     ClipByGlobalNorm#factor}; at least 0
   */
  void step(double learningRate, double gradientFactor);

  /** The number of steps taken. */
  long steps();

  /**
   * Brings every row up to date. Readers need not call it ({@link
   * io.batchwright.train.graph.Parameter#value()} does), and it never changes later results.
   */
  void catchUp();

  /**
   * The state by name, such as {@code embedding.weight.m}, in a fixed order, with every row up to
   * date. The tensors stay the optimizer's own: later steps write into them.
   */
  Map<String, Tensor> state();

  /** Continues after {@code steps} steps, once the state and the parameters have been loaded. */
  void resumeAt(long steps);
}
