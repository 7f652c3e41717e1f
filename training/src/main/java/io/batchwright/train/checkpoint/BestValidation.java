package io.batchwright.train.checkpoint;

import java.io.Serializable;

/**
 * The best validation so far, as a checkpoint remembers it.
 *
 * @param value the best figure; 0 where nothing was validated
 * @param step steps taken when it was measured; -1 where nothing was validated
 * @param since validations after it
 * @param exported whether the weights of that step are those that the run ends with
 */
public record BestValidation(double value, long step, int since, boolean exported)
    implements Serializable {
  /** Before the first validation. */
  public static final BestValidation NONE = new BestValidation(0, -1, 0, false);

  /**
   * With one more figure. One that is not finite, or less than {@code minimumDelta} better, is no
   * improvement.
   *
   * @param figure of the validation after {@code step} steps
   * @param lower whether less is better
   */
  public BestValidation and(double figure, long step, double minimumDelta, boolean lower) {
    double gain = lower ? value - figure : figure - value;
    boolean first = this.step < 0;
    boolean better = Double.isFinite(figure) && (first || (gain > 0 && gain >= minimumDelta));
    return better
        ? new BestValidation(figure, step, 0, exported)
        : new BestValidation(value, this.step, first ? 0 : since + 1, exported);
  }

  /** This one, exported or not. */
  public BestValidation exported(boolean whether) {
    return new BestValidation(value, step, since, whether);
  }

  /** The step whose weights the run ends with, where the last step taken is {@code last}. */
  public long endsWith(long last) {
    return exported && step >= 0 ? step : last;
  }
}
