package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Linear warm-up, then down with the root of the step, without an end.
 *
 * <pre>rate(t) = peak * min(s / w, sqrt(w / s)),  s = t + 1</pre>
 *
 * where {@code w} is the number of warm-up steps.
 *
 * <p><b>Deviations from the paper.</b> The paper's rate {@code D^-0.5 * min(s^-0.5, s * w^-1.5)} is
 * this one with a peak of {@code (D w)^-0.5}.
 *
 * <p><b>Relations.</b> Needs no planned length, like {@link PowerScheduler}.
 *
 * @param peakRate the rate at the end of the warm-up, above 0
 * @param warmupSteps steps of warm-up, at least 1; a shorter run warms up over all of its steps
 */
@Paper(title = "Attention Is All You Need", arxiv = "1706.03762", where = "Equation 3")
public record InverseSquareRoot(double peakRate, long warmupSteps) implements Schedule {
  /** The paper's warm-up of 4,000 steps to (512 * 4,000)^-0.5. */
  public static final InverseSquareRoot PAPER = new InverseSquareRoot(6.987712429686843e-4, 4000);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public InverseSquareRoot {
    Check.positive("InverseSquareRoot.peakRate", peakRate);
    Check.atLeast("InverseSquareRoot.warmupSteps", warmupSteps, 1);
  }

  @Override
  public double rate(long step, long totalSteps) {
    double w = Math.min(warmupSteps, totalSteps);
    double s = step + 1;
    return peakRate * Math.min(s / w, Math.sqrt(w / s));
  }
}
