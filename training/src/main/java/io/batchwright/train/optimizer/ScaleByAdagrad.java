package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Divides by the root of the sum of all squared gradients so far: {@code s = s + g^2}, {@code u = g
 * / (sqrt(s) + epsilon)}.
 *
 * @param initialSum what the sum starts with, at least 0
 * @param epsilon added to the root, above 0
 */
@Paper(
    title = "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    where = "Figure 1, diagonal matrices (JMLR 12, 2011)")
public record ScaleByAdagrad(double initialSum, double epsilon) implements GradientTransform {
  /** A sum from 0, and PyTorch's epsilon. */
  public static final ScaleByAdagrad PAPER = new ScaleByAdagrad(0, 1e-10);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public ScaleByAdagrad {
    Check.atLeast("ScaleByAdagrad.initialSum", initialSum, 0);
    Check.positive("ScaleByAdagrad.epsilon", epsilon);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    StateTensors state = new StateTensors(parameters, run);
    List<Tensor> sums = state.zeros("sum");
    sums.forEach(sum -> backend.fill(sum, initialSum));
    List<Tensor> roots = state.scratch();
    return state.transform(
        (i, gradient, step) -> {
          Tensor root = roots.get(i);
          backend.multiply(gradient, gradient, root);
          backend.axpy(1, root, sums.get(i));
          backend.sqrt(sums.get(i), root);
          backend.shift(root, epsilon, root);
          backend.divide(gradient, root, gradient);
        });
  }
}
