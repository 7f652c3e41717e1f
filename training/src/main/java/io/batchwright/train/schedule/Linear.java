package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Linear warm-up, then a straight line down to a share of the peak.
 *
 * <pre>
 * rate(t) = peak * (t + 1) / (w + 1)                        for t &lt; w
 * rate(t) = peak * (1 - (1 - f) * (t - w) / (T - w))        for t &gt;= w
 * </pre>
 *
 * where {@code w} is the number of warm-up steps, {@code T} of all steps, {@code f} the final
 * share.
 *
 * <p><b>Deviations from the paper.</b> The warm-up counts from {@code t + 1}, so that the first
 * step moves.
 *
 * <p><b>Relations.</b> The default of sentence-transformers and of BERT; {@link WarmupCosine} stays
 * near the peak for longer.
 *
 * @param peakRate the rate at the end of the warm-up, above 0
 * @param warmupSteps steps of warm-up, at least 0; 0 takes {@code warmupShare} instead
 * @param warmupShare warm-up as a share of all steps, in [0, 1)
 * @param finalShare the last rate as a share of the peak, in [0, 1]
 */
@Paper(
    title = "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    arxiv = "1810.04805",
    where = "Appendix A.2")
public record Linear(double peakRate, long warmupSteps, double warmupShare, double finalShare)
    implements Schedule {
  /** The paper's peak of 1e-4 and warm-up over 10,000 of a million steps, down to 0. */
  public static final Linear PAPER = new Linear(1e-4, 0, 0.01, 0);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Linear {
    Check.positive("Linear.peakRate", peakRate);
    Check.atLeast("Linear.warmupSteps", warmupSteps, 0);
    Check.range("Linear.warmupShare", warmupShare, 0, true, 1, false);
    Check.range("Linear.finalShare", finalShare, 0, true, 1, true);
  }

  @Override
  public double rate(long step, long totalSteps) {
    Warmup warmup = Warmup.of(warmupSteps, warmupShare, totalSteps);
    return step < warmup.steps()
        ? peakRate * warmup.factor(step)
        : peakRate * (1 - (1 - finalShare) * warmup.progress(step, totalSteps));
  }
}
