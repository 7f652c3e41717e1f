package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Scales all gradients together so that their norm is at most {@code maxNorm}.
 *
 * <pre>g = g * min(1, maxNorm / |g|),  |g| over all parameters together</pre>
 *
 * <p>A training step hands {@link #factor} to the optimizer, which applies it where it reads the
 * gradients anyway; in a chain this scales the updates in place. A norm that is not finite scales
 * nothing: the caller checks.
 *
 * <p><b>Deviations from the paper.</b> None; PyTorch adds 1e-6 to the norm, this does not.
 *
 * @param maxNorm above 0
 */
@Paper(
    title = "On the difficulty of training Recurrent Neural Networks",
    arxiv = "1211.5063",
    where = "Algorithm 1")
public record ClipByGlobalNorm(double maxNorm) implements GradientTransform {
  /** The customary norm of 1. */
  public static final ClipByGlobalNorm PAPER = new ClipByGlobalNorm(1);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code maxNorm <= 0}
   */
  public ClipByGlobalNorm {
    Check.positive("ClipByGlobalNorm.maxNorm", maxNorm);
  }

  /**
   * By what an optimizer is to multiply gradients of this norm, see {@link OptimizerInstance#step};
   * 1 where the norm is not finite.
   */
  public double factor(double norm) {
    return Double.isFinite(norm) && norm > maxNorm ? maxNorm / norm : 1;
  }

  /** The norm of all gradients together; not finite if a gradient is not. */
  public static double norm(Backend backend, List<Parameter> parameters) {
    return normOf(backend, valuesOf(parameters));
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return (updates, step) -> clipTensors(backend, updates);
  }

  private void clipTensors(Backend backend, List<Tensor> tensors) {
    double factor = factor(normOf(backend, tensors));
    if (factor != 1) {
      double[] factors = new double[tensors.size()];
      Arrays.fill(factors, factor);
      backend.scaleEach(tensors, factors);
    }
  }

  private static double normOf(Backend backend, List<Tensor> tensors) {
    return Math.sqrt(Arrays.stream(backend.sumsOfSquares(tensors)).sum());
  }

  private static List<Tensor> valuesOf(List<Parameter> parameters) {
    return parameters.stream()
        .map(Parameter::gradient)
        .flatMap(Optional::stream)
        .map(Gradient::values)
        .toList();
  }
}
