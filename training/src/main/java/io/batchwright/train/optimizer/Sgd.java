package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;

/**
 * Stochastic gradient descent with momentum.
 *
 * <pre>
 * d = g + weightDecay * p          u = momentum * u + d
 * p = p - rate * u                 (Nesterov: p = p - rate * (d + momentum * u))
 * </pre>
 *
 * <p>A row-sparse gradient is spread out and updates every row; the state is dense.
 *
 * <p><b>Deviations from the paper.</b> The rate multiplies the velocity when it is applied, as in
 * PyTorch, not when it is added up; the two agree while the rate is constant.
 *
 * <p><b>Relations.</b> The chain {@link AddDecayedWeights}, {@link Momentum}.
 *
 * @param momentum in [0, 1); 0 keeps no state
 * @param nesterov whether to look ahead
 * @param weightDecay for parameters that allow it, at least 0
 */
@Paper(
    title = "On the importance of initialization and momentum in deep learning",
    where = "Section 2 (ICML 2013)")
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {
  /** Nesterov momentum of 0.9 without weight decay. */
  public static final Sgd PAPER = new Sgd(0.9, true, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Sgd {
    Check.range("Sgd.momentum", momentum, 0, true, 1, false);
    Check.atLeast("Sgd.weightDecay", weightDecay, 0);
    Check.that(
        !nesterov || momentum > 0,
        "Sgd.nesterov",
        "has no effect without momentum: set momentum above 0");
  }

  /** The definition as a chain of transforms. */
  public List<GradientTransform> chain() {
    AddDecayedWeights decay = new AddDecayedWeights(weightDecay);
    return momentum > 0 ? List.of(decay, new Momentum(momentum, nesterov)) : List.of(decay);
  }

  @Override
  public OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return new TransformChain(chain(), parameters, backend, run);
  }
}
