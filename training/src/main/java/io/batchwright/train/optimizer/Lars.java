package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Gradient descent with momentum at a rate of each layer's own: for large batches.
 *
 * <pre>
 * r = trust * |p| / (|g| + weightDecay * |p|)
 * u = momentum * u + r * (g + weightDecay * p)          p = p - rate * u
 * </pre>
 *
 * <p>A row-sparse gradient is spread out and updates every row; the state is dense.
 *
 * <p><b>Deviations from the paper.</b> The rate multiplies the velocity when it is applied, as in
 * {@link Sgd}; the two agree while the rate is constant.
 *
 * <p><b>Relations.</b> The chain {@link ScaleByLayerRate}, {@link Momentum}. A rate is about a
 * thousand times {@link Sgd}'s. {@link Lamb} does the same for Adam.
 *
 * @param momentum in [0, 1)
 * @param trust the share of a layer's length that a step may move it at rate 1, in (0, 1]
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(
    title = "Large Batch Training of Convolutional Networks",
    arxiv = "1708.03888",
    where = "Algorithm 1")
public record Lars(double momentum, double trust, double weightDecay) implements Optimizer {
  /** The paper's momentum of 0.9, trust of 0.001 and decay of 0.0005. */
  public static final Lars PAPER = new Lars(0.9, 0.001, 0.0005);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Lars {
    Check.range("Lars.momentum", momentum, 0, true, 1, false);
    Check.range("Lars.trust", trust, 0, false, 1, true);
    Check.atLeast("Lars.weightDecay", weightDecay, 0);
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    return List.of(new ScaleByLayerRate(trust, weightDecay), new Momentum(momentum, false));
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new TransformChain(chain(), parameters, backend, run);
  }
}
