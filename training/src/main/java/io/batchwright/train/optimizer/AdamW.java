package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Adam with weight decay that is decoupled from the gradient.
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * p = p - rate * ( (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay * p )
 * </pre>
 *
 * <p>Every parameter sees every step. A row-sparse gradient stands for a dense one with zero rows:
 * the rows it leaves out still move by their momentum. They are not written at once; the missed
 * steps are replayed, one after the other, when the row is next read or updated. The outcome is
 * that of the dense update, whenever and however often rows are brought up to date.
 *
 * <p><b>Deviations from the paper.</b> The schedule multiplies both terms, as in PyTorch (the paper
 * separates its multiplier from {@code alpha}).
 *
 * <p><b>Relations.</b> {@link LazyAdamW} leaves rows without a gradient alone, which is cheaper and
 * is another algorithm.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(title = "Decoupled Weight Decay Regularization", arxiv = "1711.05101", where = "Algorithm 2")
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /** The paper's moments and epsilon, with the customary weight decay of 0.01. */
  public static final AdamW PAPER = new AdamW(0.9, 0.999, 1e-8, 0.01);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public AdamW {
    Check.range("AdamW.beta1", beta1, 0, true, 1, false);
    Check.range("AdamW.beta2", beta2, 0, true, 1, false);
    Check.positive("AdamW.epsilon", epsilon);
    Check.atLeast("AdamW.weightDecay", weightDecay, 0);
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    return List.of(new ScaleByAdam(beta1, beta2, epsilon), new AddDecayedWeights(weightDecay));
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new AdamWInstance(this, parameters, backend, run, false);
  }
}
