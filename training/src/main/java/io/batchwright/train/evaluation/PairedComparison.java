package io.batchwright.train.evaluation;

/**
 * How two systems differ over the same queries.
 *
 * @param difference mean of the first system minus mean of the second
 * @param low lower end of the difference's confidence interval
 * @param high its upper end
 * @param p two-sided p-value of the hypothesis that there is no difference
 */
public record PairedComparison(double difference, double low, double high, double p) {
  /** What the interval says about the first system. */
  public enum Outcome {
    WIN,
    TIE,
    LOSS
  }

  /** A win or a loss only where the interval leaves out zero. */
  public Outcome outcome() {
    return low > 0 ? Outcome.WIN : high < 0 ? Outcome.LOSS : Outcome.TIE;
  }
}
