package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Gives each layer a rate of its own and adds its decayed weights.
 *
 * <pre>u = r * (g + weightDecay * p),   r = trust * |p| / (|g| + weightDecay * |p|)</pre>
 *
 * <p>{@code r} is 1 where either norm is 0. For parameters without weight decay (biases, norms) the
 * decay counts as 0.
 *
 * <p><b>Deviations from the paper.</b> None. Optax divides by {@code |g + weightDecay * p|}, the
 * norm of the sum.
 *
 * @param trust the share of a layer's length that a step may move it, in (0, 1]
 * @param weightDecay at least 0
 */
@Paper(
    title = "Large Batch Training of Convolutional Networks",
    arxiv = "1708.03888",
    where = "Equation 6")
public record ScaleByLayerRate(double trust, double weightDecay) implements GradientTransform {
  /** The paper's trust of 0.001 and decay of 0.0005. */
  public static final ScaleByLayerRate PAPER = new ScaleByLayerRate(0.001, 0.0005);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public ScaleByLayerRate {
    Check.range("ScaleByLayerRate.trust", trust, 0, false, 1, true);
    Check.atLeast("ScaleByLayerRate.weightDecay", weightDecay, 0);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return (updates, step) -> {
      double[] lengths =
          backend.sumsOfSquares(parameters.stream().map(Parameter::storage).toList());
      double[] slopes = backend.sumsOfSquares(updates);
      for (int i = 0; i < updates.size(); i++) {
        Parameter parameter = parameters.get(i);
        double decay = parameter.decay(weightDecay);
        double length = Math.sqrt(lengths[i]);
        double slope = Math.sqrt(slopes[i]);
        double rate = length > 0 && slope > 0 ? trust * length / (slope + decay * length) : 1;
        backend.axpy(decay, parameter.storage(), updates.get(i));
        backend.scale(updates.get(i), rate, updates.get(i));
      }
    };
  }
}
