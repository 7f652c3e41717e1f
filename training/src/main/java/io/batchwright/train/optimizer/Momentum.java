package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Adds up the updates of the past: {@code b = momentum * b + u}; the result is {@code b}, or {@code
 * u + momentum * b} when looking ahead.
 *
 * @param momentum in [0, 1)
 * @param nesterov whether to look ahead
 */
@Paper(
    title = "On the importance of initialization and momentum in deep learning",
    where = "Section 2 (ICML 2013)")
public record Momentum(double momentum, boolean nesterov) implements GradientTransform {
  /** Nesterov momentum of 0.9. */
  public static final Momentum PAPER = new Momentum(0.9, true);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the momentum is not in [0, 1)
   */
  public Momentum {
    Check.range("Momentum.momentum", momentum, 0, true, 1, false);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    StateTensors state = new StateTensors(parameters, run);
    List<Tensor> velocities = state.zeros("velocity");
    return state.transform(
        (i, update, step) -> {
          Tensor velocity = velocities.get(i);
          backend.scale(velocity, momentum, velocity);
          backend.axpy(1, update, velocity);
          if (nesterov) {
            backend.axpy(momentum, velocity, update);
          } else {
            backend.copy(velocity, update);
          }
        });
  }
}
