package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Warm-up, stable, decay: linear warm-up, a long plateau at the peak, a short descent at the end.
 *
 * <pre>
 * rate(t) = peak * (t + 1) / (w + 1)           for t &lt; w
 * rate(t) = peak                               for w &lt;= t &lt; T - d
 * rate(t) = peak * (f + (1 - f) * c(x))        for t &gt;= T - d,  x = (t - T + d) / d
 * </pre>
 *
 * where {@code w}, {@code d} and {@code T} count the steps of warm-up, of the descent and of the
 * run, {@code f} is the final share and {@code c} the {@link Decay} form.
 *
 * <p><b>Deviations from the paper.</b> The forms of the descent are Megatron-LM's; the paper's own
 * halves the rate at fixed intervals ({@link Decay#EXPONENTIAL} is the nearest).
 *
 * <p><b>Relations.</b> {@link WarmupCosine} comes down over the whole run.
 *
 * @param peakRate the rate of the plateau, above 0
 * @param warmupSteps steps of warm-up, at least 0; 0 takes {@code warmupShare} instead
 * @param warmupShare warm-up as a share of all steps, in [0, 1)
 * @param decayShare the descent as a share of all steps, in [0, 1]
 * @param finalShare the last rate as a share of the peak, in [0, 1]
 * @param decay the form of the descent
 */
@Paper(
    title = "MiniCPM: Unveiling the Potential of Small Language Models",
    arxiv = "2404.06395",
    where = "Section 4.2, equation 1")
public record Wsd(
    double peakRate,
    long warmupSteps,
    double warmupShare,
    double decayShare,
    double finalShare,
    Decay decay)
    implements Schedule {
  /** The paper's peak of 0.01 and descent over 10 % of the steps to a tenth, warm-up over 1 %. */
  public static final Wsd PAPER = new Wsd(0.01, 0, 0.01, 0.1, 0.1, Decay.EXPONENTIAL);

  /** The form of the descent: from 1 at {@code x = 0} to 0 at {@code x = 1}. */
  public enum Decay {
    /** {@code 1 - x}. */
    LINEAR {
      @Override
      double remaining(double x) {
        return 1 - x;
      }
    },
    /** {@code (1 + cos(pi x)) / 2}. */
    COSINE {
      @Override
      double remaining(double x) {
        return (1 + Math.cos(Math.PI * x)) / 2;
      }
    },
    /** {@code 2 * 0.5^x - 1}. */
    EXPONENTIAL {
      @Override
      double remaining(double x) {
        return 2 * Math.pow(0.5, x) - 1;
      }
    },
    /** {@code 1 - sqrt(x)}. */
    MINUS_SQRT {
      @Override
      double remaining(double x) {
        return 1 - Math.sqrt(x);
      }
    };

    abstract double remaining(double x);
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Wsd {
    Check.positive("Wsd.peakRate", peakRate);
    Check.atLeast("Wsd.warmupSteps", warmupSteps, 0);
    Check.range("Wsd.warmupShare", warmupShare, 0, true, 1, false);
    Check.range("Wsd.decayShare", decayShare, 0, true, 1, true);
    Check.range("Wsd.finalShare", finalShare, 0, true, 1, true);
    Check.that(decay != null, "Wsd.decay", "must be given");
  }

  @Override
  public double rate(long step, long totalSteps) {
    Warmup warmup = Warmup.of(warmupSteps, warmupShare, totalSteps);
    if (step < warmup.steps()) {
      return peakRate * warmup.factor(step);
    }
    long decaySteps = Math.min(Math.round(decayShare * totalSteps), totalSteps - warmup.steps());
    long into = Math.min(step, totalSteps) - (totalSteps - decaySteps);
    if (into <= 0) {
      return peakRate;
    }
    double remaining = decay.remaining((double) into / decaySteps);
    return peakRate * (finalShare + (1 - finalShare) * remaining);
  }
}
