package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Adam's direction at each layer's own length: for large batches.
 *
 * <pre>
 * r = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay * p
 * p = p - rate * |p| / |r| * r          (a ratio of 1 where either norm is 0)
 * </pre>
 *
 * <p>A row-sparse gradient is spread out and updates every row; the state is dense.
 *
 * <p><b>Deviations from the paper.</b> Its clipping function phi is the identity. Nothing is
 * clipped unasked, and no parameter is left out unless {@code everyParameter} is false.
 *
 * <p><b>Relations.</b> {@link AdamW} without the ratio; {@link Lars} with momentum instead of Adam.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay for parameters that allow it, at least 0
 * @param everyParameter whether parameters without weight decay have a ratio too
 */
@Paper(
    title = "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes",
    arxiv = "1904.00962",
    where = "Algorithm 2")
public record Lamb(
    double beta1, double beta2, double epsilon, double weightDecay, boolean everyParameter)
    implements Optimizer {
  /** The paper's moments, epsilon and weight decay of 0.01. */
  public static final Lamb PAPER = new Lamb(0.9, 0.999, 1e-6, 0.01, true);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Lamb {
    Check.range("Lamb.beta1", beta1, 0, true, 1, false);
    Check.range("Lamb.beta2", beta2, 0, true, 1, false);
    Check.positive("Lamb.epsilon", epsilon);
    Check.atLeast("Lamb.weightDecay", weightDecay, 0);
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    return List.of(
        new ScaleByAdam(beta1, beta2, epsilon),
        new AddDecayedWeights(weightDecay),
        new ScaleByTrustRatio(everyParameter));
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new TransformChain(chain(), parameters, backend, run);
  }
}
