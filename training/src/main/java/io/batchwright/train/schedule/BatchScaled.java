package io.batchwright.train.schedule;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.OptionalLong;

/**
 * A schedule made for one batch size, at another.
 *
 * <pre>
 * rate(t) = schedule(t) * B / B0            linear: gradient descent while noise dominates
 * rate(t) = schedule(t) * sqrt(B / B0)      square root: Adam and its kin
 * </pre>
 *
 * <p><b>Deviations from the paper.</b> Only its two rules; they hold below the batch size at which
 * noise no longer dominates, which this cannot know.
 *
 * <p><b>Relations.</b> Wraps any {@link Schedule}. Goyal et al. (1706.02677) use the linear rule.
 *
 * @param schedule with rates that suit {@code referenceBatch}
 * @param rule how the rate follows the batch
 * @param referenceBatch samples in a global batch that the schedule was made for, at least 1
 * @param batch samples in the global batch of this run, at least 1; in a recipe the {@code
 *     pairsPerStep} of its batch policy
 */
@Paper(
    title = "Learning Rates as a Function of Batch Size: A Random Matrix Theory Approach",
    arxiv = "2006.09092",
    where = "Section 5")
public record BatchScaled(Schedule schedule, Rule rule, long referenceBatch, long batch)
    implements Schedule {
  /** The square-root rule for Adam, unchanged at the reference of 256. */
  public static final BatchScaled PAPER =
      new BatchScaled(WarmupCosine.PAPER, Rule.SQUARE_ROOT, 256, 256);

  /** How the best rate follows the batch size. */
  public enum Rule {
    /** In proportion: gradient descent. */
    LINEAR,
    /** With the root: Adam and its kin. */
    SQUARE_ROOT
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is missing or out of its range
   */
  public BatchScaled {
    Check.that(schedule != null, "BatchScaled.schedule", "must be given");
    Check.that(rule != null, "BatchScaled.rule", "must be given");
    Check.atLeast("BatchScaled.referenceBatch", referenceBatch, 1);
    Check.atLeast("BatchScaled.batch", batch, 1);
  }

  private double factor() {
    double ratio = (double) batch / referenceBatch;
    return rule == Rule.LINEAR ? ratio : Math.sqrt(ratio);
  }

  @Override
  public double rate(long step, long totalSteps) {
    return schedule.rate(step, totalSteps) * factor();
  }

  @Override
  public OptionalLong forBatch() {
    return OptionalLong.of(batch);
  }

  @Override
  public double peakRate() {
    return schedule.peakRate() * factor();
  }
}
