package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Steps of one size in the direction of the sign of momentum.
 *
 * <pre>
 * c = beta1 m + (1 - beta1) g          m = beta2 m + (1 - beta2) g
 * p = p - rate * (sign(c) + weightDecay * p)
 * </pre>
 *
 * <p>A row-sparse gradient is spread out and updates every row; the state is dense.
 *
 * <p><b>Deviations from the paper.</b> None.
 *
 * <p><b>Relations.</b> One state tensor where {@link AdamW} has two. The paper advises a rate 3 to
 * 10 times lower than AdamW's and a decay as many times higher; gains grow with the batch.
 *
 * @param beta1 weight of the past in what is applied, in [0, 1)
 * @param beta2 weight of the past in what is remembered, in [0, 1)
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(
    title = "Symbolic Discovery of Optimization Algorithms",
    arxiv = "2302.06675",
    where = "Program 1")
public record Lion(double beta1, double beta2, double weightDecay) implements Optimizer {
  /** The paper's 0.9 and 0.99, and ten times AdamW's customary decay. */
  public static final Lion PAPER = new Lion(0.9, 0.99, 0.1);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Lion {
    Check.range("Lion.beta1", beta1, 0, true, 1, false);
    Check.range("Lion.beta2", beta2, 0, true, 1, false);
    Check.atLeast("Lion.weightDecay", weightDecay, 0);
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    return List.of(new ScaleByLion(beta1, beta2), new AddDecayedWeights(weightDecay));
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new TransformChain(chain(), parameters, backend, run);
  }
}
