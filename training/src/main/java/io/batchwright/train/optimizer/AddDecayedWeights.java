package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Adds the parameter itself to its update: {@code u = u + weightDecay * p}, for parameters that
 * allow weight decay.
 *
 * <p><b>Relations.</b> Behind {@link ScaleByAdam} it is the decoupled decay of {@link AdamW}, in
 * front of {@link Momentum} the classic L2 penalty of {@link Sgd}.
 *
 * @param weightDecay at least 0
 */
@Paper(title = "Decoupled Weight Decay Regularization", arxiv = "1711.05101", where = "Section 2")
public record AddDecayedWeights(double weightDecay) implements GradientTransform {
  /** The customary 0.01. */
  public static final AddDecayedWeights PAPER = new AddDecayedWeights(0.01);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the decay is negative
   */
  public AddDecayedWeights {
    Check.atLeast("AddDecayedWeights.weightDecay", weightDecay, 0);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return (updates, step) -> {
      for (int i = 0; i < updates.size(); i++) {
        Parameter parameter = parameters.get(i);
        double decay = parameter.decay(weightDecay);
        if (decay > 0) {
          backend.axpy(decay, parameter.storage(), updates.get(i));
        }
      }
    };
  }
}
