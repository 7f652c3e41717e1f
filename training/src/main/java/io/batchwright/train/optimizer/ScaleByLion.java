package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * The sign of a running mean that counts the newest gradient more than its memory does.
 *
 * <pre>
 * c = beta1 m + (1 - beta1) g          m = beta2 m + (1 - beta2) g          u = sign(c)
 * </pre>
 *
 * @param beta1 weight of the past in what is applied, in [0, 1)
 * @param beta2 weight of the past in what is remembered, in [0, 1)
 */
@Paper(
    title = "Symbolic Discovery of Optimization Algorithms",
    arxiv = "2302.06675",
    where = "Program 1")
public record ScaleByLion(double beta1, double beta2) implements GradientTransform {
  /** The paper's 0.9 and 0.99. */
  public static final ScaleByLion PAPER = new ScaleByLion(0.9, 0.99);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public ScaleByLion {
    Check.range("ScaleByLion.beta1", beta1, 0, true, 1, false);
    Check.range("ScaleByLion.beta2", beta2, 0, true, 1, false);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    StateTensors state = new StateTensors(parameters, run);
    List<Tensor> momenta = state.zeros("m");
    return state.transformAll(
        (gradients, step) -> backend.lionDirections(gradients, momenta, beta1, beta2));
  }
}
