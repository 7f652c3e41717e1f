package io.batchwright.train.optimizer;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Divides the running mean of the gradients by the root of that of their squares.
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 * u = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon above 0
 */
@Paper(
    title = "Adam: A Method for Stochastic Optimization",
    arxiv = "1412.6980",
    where = "Algorithm 1")
public record ScaleByAdam(double beta1, double beta2, double epsilon) implements GradientTransform {
  /** The paper's moments and epsilon. */
  public static final ScaleByAdam PAPER = new ScaleByAdam(0.9, 0.999, 1e-8);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public ScaleByAdam {
    Check.range("ScaleByAdam.beta1", beta1, 0, true, 1, false);
    Check.range("ScaleByAdam.beta2", beta2, 0, true, 1, false);
    Check.positive("ScaleByAdam.epsilon", epsilon);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    StateTensors state = new StateTensors(parameters, run);
    List<Tensor> first = state.zeros("m");
    List<Tensor> second = state.zeros("v");
    List<Moments> moments =
        IntStream.range(0, first.size())
            .mapToObj(i -> new Moments(first.get(i), second.get(i)))
            .toList();
    AdamWRule rule = new AdamWRule(beta1, beta2, epsilon, 0);
    return state.transformAll(
        (gradients, step) ->
            backend.adamDirections(gradients, moments, rule, Math.toIntExact(step)));
  }
}
