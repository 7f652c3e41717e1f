package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * AdamW that leaves the rows of a table alone in steps that give them no gradient.
 *
 * <pre>
 * for rows with a gradient: the step of {@link AdamW}, with the global step t in the bias correction
 * for other rows:           p, m and v stay as they are, and are not decayed
 * </pre>
 *
 * <p>Parameters with a dense gradient behave as under {@link AdamW}.
 *
 * <p><b>Deviations from the paper.</b> Lazy moments are an engineering rule of TensorFlow's {@code
 * LazyAdamOptimizer} and PyTorch's {@code SparseAdam}, not the paper's algorithm: a rare row's
 * momentum never runs out between its gradients, and weight decay acts on touched rows only.
 *
 * <p><b>Relations.</b> {@link AdamW} is exact for row-sparse gradients; use this one where that
 * costs too much.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root, above 0
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(
    title = "Decoupled Weight Decay Regularization",
    arxiv = "1711.05101",
    where = "Algorithm 2, with the lazy rows of TensorFlow's LazyAdamOptimizer")
public record LazyAdamW(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {
  /** The values of {@link AdamW#PAPER}. */
  public static final LazyAdamW PAPER = new LazyAdamW(0.9, 0.999, 1e-8, 0.01);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public LazyAdamW {
    Check.range("LazyAdamW.beta1", beta1, 0, true, 1, false);
    Check.range("LazyAdamW.beta2", beta2, 0, true, 1, false);
    Check.positive("LazyAdamW.epsilon", epsilon);
    Check.atLeast("LazyAdamW.weightDecay", weightDecay, 0);
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    AdamW rule = new AdamW(beta1, beta2, epsilon, weightDecay);
    return new AdamWInstance(rule, parameters, backend, run, true);
  }
}
