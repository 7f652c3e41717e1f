package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * The same rate at every step after a linear warm-up.
 *
 * <pre>rate(t) = peak * (t + 1) / (w + 1) for t &lt; w, then peak</pre>
 *
 * <p><b>Deviations from the paper.</b> The paper warms up over five epochs; here the warm-up is a
 * number of steps or a share of the run. {@link #PAPER} has none.
 *
 * <p><b>Relations.</b> {@link WarmupCosine} and {@link Wsd} share the warm-up and come down again.
 *
 * @param peakRate the rate after the warm-up, above 0
 * @param warmupSteps steps of warm-up, at least 0; 0 takes {@code warmupShare} instead
 * @param warmupShare warm-up as a share of all steps, in [0, 1)
 */
@Paper(
    title = "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour",
    arxiv = "1706.02677",
    where = "Section 2.2, gradual warmup")
public record Constant(double peakRate, long warmupSteps, double warmupShare) implements Schedule {
  /** No warm-up, rate 0.1, the paper's reference rate for a batch of 256. */
  public static final Constant PAPER = new Constant(0.1, 0, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Constant {
    Check.positive("Constant.peakRate", peakRate);
    Check.atLeast("Constant.warmupSteps", warmupSteps, 0);
    Check.range("Constant.warmupShare", warmupShare, 0, true, 1, false);
  }

  @Override
  public double rate(long step, long totalSteps) {
    return peakRate * Warmup.of(warmupSteps, warmupShare, totalSteps).factor(step);
  }
}
