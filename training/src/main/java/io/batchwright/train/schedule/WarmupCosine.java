package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Linear warm-up, then half a cosine down to a share of the peak.
 *
 * <pre>
 * rate(t) = peak * (t + 1) / (w + 1)                                  for t &lt; w
 * rate(t) = peak * (f + (1 - f) * (1 + cos(pi * (t - w) / (T - w))) / 2)  for t &gt;= w
 * </pre>
 *
 * where {@code w} is the number of warm-up steps, {@code T} of all steps, {@code f} the final
 * share.
 *
 * <p><b>Deviations from the paper.</b> One cosine over the whole run, without restarts; the warm-up
 * is Goyal et al.'s (1706.02677), counted from {@code t + 1} so that the first step moves.
 *
 * <p><b>Relations.</b> {@link Wsd} stays at the peak and comes down late, which lets a run be
 * prolonged; {@link Constant} never comes down.
 *
 * @param peakRate the rate at the end of the warm-up, above 0
 * @param warmupSteps steps of warm-up, at least 0; 0 takes {@code warmupShare} instead
 * @param warmupShare warm-up as a share of all steps, in [0, 1)
 * @param finalShare the last rate as a share of the peak, in [0, 1]
 */
@Paper(
    title = "SGDR: Stochastic Gradient Descent with Warm Restarts",
    arxiv = "1608.03983",
    where = "Equation 5")
public record WarmupCosine(double peakRate, long warmupSteps, double warmupShare, double finalShare)
    implements Schedule {
  /** The paper's peak of 0.05 and end at 0, after a warm-up over 5 % of the steps. */
  public static final WarmupCosine PAPER = new WarmupCosine(0.05, 0, 0.05, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public WarmupCosine {
    Check.positive("WarmupCosine.peakRate", peakRate);
    Check.atLeast("WarmupCosine.warmupSteps", warmupSteps, 0);
    Check.range("WarmupCosine.warmupShare", warmupShare, 0, true, 1, false);
    Check.range("WarmupCosine.finalShare", finalShare, 0, true, 1, true);
  }

  @Override
  public double rate(long step, long totalSteps) {
    Warmup warmup = Warmup.of(warmupSteps, warmupShare, totalSteps);
    if (step < warmup.steps()) {
      return peakRate * warmup.factor(step);
    }
    double cosine = (1 + Math.cos(Math.PI * warmup.progress(step, totalSteps))) / 2;
    return peakRate * (finalShare + (1 - finalShare) * cosine);
  }
}
