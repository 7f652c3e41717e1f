package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * A rate for each number that falls with the squared gradients it has seen: for sparse features.
 *
 * <pre>
 * d = g + weightDecay * p          s = s + d^2          p = p - rate * d / (sqrt(s) + epsilon)
 * </pre>
 *
 * <p>A row-sparse gradient is spread out; rows that it leaves out do not move unless weights decay.
 *
 * <p><b>Deviations from the paper.</b> The diagonal form, with an epsilon. Weight decay is an L2
 * penalty inside the gradient, as in PyTorch.
 *
 * <p><b>Relations.</b> {@link AdamW} forgets old gradients, this does not.
 *
 * @param initialSum what the sum of squares starts with, at least 0
 * @param epsilon added to the root, above 0
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(
    title = "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    where = "Figure 1, diagonal matrices (JMLR 12, 2011)")
public record Adagrad(double initialSum, double epsilon, double weightDecay) implements Optimizer {
  /** A sum from 0, no decay, and PyTorch's epsilon. */
  public static final Adagrad PAPER = new Adagrad(0, 1e-10, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Adagrad {
    Check.atLeast("Adagrad.initialSum", initialSum, 0);
    Check.positive("Adagrad.epsilon", epsilon);
    Check.atLeast("Adagrad.weightDecay", weightDecay, 0);
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    return List.of(new AddDecayedWeights(weightDecay), new ScaleByAdagrad(initialSum, epsilon));
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new TransformChain(chain(), parameters, backend, run);
  }
}
