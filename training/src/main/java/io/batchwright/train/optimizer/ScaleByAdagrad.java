package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    List<Tensor> sums = new ArrayList<>();
    List<Tensor> scratch = new ArrayList<>();
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      Tensor value = parameter.storage();
      Tensor sum = run.allocate(parameter.name() + ".sum", value.dtype(), value.shape());
      backend.fill(sum, initialSum);
      sums.add(sum);
      scratch.add(run.allocate(parameter.name() + ".scratch", value.dtype(), value.shape()));
      state.put(sum.label(), sum);
    }
    return new TransformInstance() {
      @Override
      public void apply(List<Tensor> updates, long step) {
        for (int i = 0; i < updates.size(); i++) {
          Tensor gradient = updates.get(i);
          Tensor root = scratch.get(i);
          backend.multiply(gradient, gradient, root);
          backend.axpy(1, root, sums.get(i));
          backend.sqrt(sums.get(i), root);
          backend.shift(root, epsilon, root);
          backend.divide(gradient, root, gradient);
        }
      }

      @Override
      public Map<String, Tensor> state() {
        return state;
      }
    };
  }
}
