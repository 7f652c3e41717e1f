package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * A rate that follows a power of the tokens seen, with one set of constants for any length of run.
 *
 * <pre>
 * power(n) = min(peak, batch * a * n^b),  n = tokensPerStep * (t + 1)
 * rate(t)  = power(n) * (t + 1) / (w + 1)                       for t &lt; w
 * rate(t)  = power(n) * (1 - (t - T + d) / d)                   for t &gt;= T - d
 * rate(t)  = power(n)                                           between
 * </pre>
 *
 * where {@code w}, {@code d} and {@code T} count the steps of warm-up, of the descent and of the
 * run.
 *
 * <p><b>Deviations from the paper.</b> The descent is linear, as its experiments' is, down to 0;
 * its public code has none.
 *
 * <p><b>Relations.</b> {@link Wsd} with a plateau that finds its own height.
 *
 * @param peakRate the highest rate, above 0
 * @param a factor of the law, above 0
 * @param b its power, in [-1, 0)
 * @param batch sequences in a global batch, at least 1
 * @param tokensPerStep tokens in a global batch, at least 1
 * @param warmupSteps steps of warm-up, at least 0
 * @param decayShare the descent as a share of all steps, in [0, 1]
 */
@Paper(
    title = "Power Scheduler: A Batch Size and Token Number Agnostic Learning Rate Scheduler",
    arxiv = "2408.13359",
    where = "Section 4, equation 7")
public record PowerScheduler(
    double peakRate,
    double a,
    double b,
    long batch,
    long tokensPerStep,
    long warmupSteps,
    double decayShare)
    implements Schedule {
  /** The paper's a = 4, b = -0.51 and cap of 0.02, at 1,024 sequences of 4,096 tokens. */
  public static final PowerScheduler PAPER =
      new PowerScheduler(0.02, 4, -0.51, 1024, 1024 * 4096, 100, 0.1);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public PowerScheduler {
    Check.positive("PowerScheduler.peakRate", peakRate);
    Check.positive("PowerScheduler.a", a);
    Check.range("PowerScheduler.b", b, -1, true, 0, false);
    Check.atLeast("PowerScheduler.batch", batch, 1);
    Check.atLeast("PowerScheduler.tokensPerStep", tokensPerStep, 1);
    Check.atLeast("PowerScheduler.warmupSteps", warmupSteps, 0);
    Check.range("PowerScheduler.decayShare", decayShare, 0, true, 1, true);
  }

  /** The law after {@code tokens} tokens, below the cap. */
  public double power(double tokens) {
    return Math.min(peakRate, batch * a * Math.pow(tokens, b));
  }

  @Override
  public double rate(long step, long totalSteps) {
    Warmup warmup = Warmup.of(warmupSteps, 0, totalSteps);
    double power = power((double) tokensPerStep * (step + 1));
    if (step < warmup.steps()) {
      return power * warmup.factor(step);
    }
    long decaySteps = Math.min(Math.round(decayShare * totalSteps), totalSteps - warmup.steps());
    long into = Math.min(step, totalSteps) - (totalSteps - decaySteps);
    return into <= 0 ? power : power * (1 - (double) into / decaySteps);
  }
}
