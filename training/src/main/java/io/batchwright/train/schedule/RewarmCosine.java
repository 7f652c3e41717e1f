package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * For going on with a trained model: from the rate at which it ended up to a peak again, then half
 * a cosine down.
 *
 * <pre>
 * rate(t) = peak * (i + (1 - i) * t / w)                                  for t &lt; w
 * rate(t) = peak * (f + (1 - f) * (1 + cos(pi * (t - w) / (T - w))) / 2)  for t &gt;= w
 * </pre>
 *
 * where {@code w} is the number of warm-up steps, {@code T} of all steps, {@code i} and {@code f}
 * the initial and final share.
 *
 * <p><b>Deviations from the paper.</b> None.
 *
 * <p><b>Relations.</b> {@link WarmupCosine} starts near 0. The optimizer's state is kept where
 * training resumes from a checkpoint, and starts at zero where it starts from exported weights.
 *
 * @param peakRate the rate at the end of the warm-up, above 0
 * @param warmupSteps steps of warm-up, at least 0; 0 takes {@code warmupShare} instead
 * @param warmupShare warm-up as a share of all steps, in [0, 1)
 * @param initialShare the first rate as a share of the peak, in (0, 1]
 * @param finalShare the last rate as a share of the peak, in [0, 1]
 */
@Paper(
    title = "Continual Pre-Training of Large Language Models: How to (re)warm your model?",
    arxiv = "2308.04014",
    where = "Section 3")
public record RewarmCosine(
    double peakRate, long warmupSteps, double warmupShare, double initialShare, double finalShare)
    implements Schedule {
  /** The paper's peak of 3e-4, warm-up over 1 % from a tenth, and end at a tenth. */
  public static final RewarmCosine PAPER = new RewarmCosine(3e-4, 0, 0.01, 0.1, 0.1);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public RewarmCosine {
    Check.positive("RewarmCosine.peakRate", peakRate);
    Check.atLeast("RewarmCosine.warmupSteps", warmupSteps, 0);
    Check.range("RewarmCosine.warmupShare", warmupShare, 0, true, 1, false);
    Check.range("RewarmCosine.initialShare", initialShare, 0, false, 1, true);
    Check.range("RewarmCosine.finalShare", finalShare, 0, true, 1, true);
  }

  @Override
  public double rate(long step, long totalSteps) {
    Warmup warmup = Warmup.of(warmupSteps, warmupShare, totalSteps);
    if (step < warmup.steps()) {
      return peakRate * (initialShare + (1 - initialShare) * step / warmup.steps());
    }
    double cosine = (1 + Math.cos(Math.PI * warmup.progress(step, totalSteps))) / 2;
    return peakRate * (finalShare + (1 - finalShare) * cosine);
  }
}
