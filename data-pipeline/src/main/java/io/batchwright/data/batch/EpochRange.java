package io.batchwright.data.batch;

import io.batchwright.technique.Check;

/**
 * Which epochs to plan.
 *
 * @param seed the seed of the run
 * @param from the first epoch, from 0
 * @param to the end, exclusive, above {@code from}
 * @param steps of all these epochs at most, at least 1, or {@link #ALL}
 */
public record EpochRange(long seed, int from, int to, long steps) {
  /** The steps of whole epochs, however many. */
  public static final long ALL = Long.MAX_VALUE;

  /** Checks the ranges. */
  public EpochRange {
    Check.atLeast("EpochRange.from", from, 0);
    Check.that(to > from, "EpochRange.to", "must be above from = %d, got %d".formatted(from, to));
    Check.atLeast("EpochRange.steps", steps, 1);
  }

  /** One whole epoch. */
  static EpochRange of(PlanKey key) {
    return new EpochRange(key.seed(), key.epoch(), key.epoch() + 1, ALL);
  }

  /**
   * How many epochs to plan where all have the same number of steps; one where they have none.
   *
   * @param each steps of an epoch
   */
  int epochs(long each) {
    int all = to - from;
    return each == 0 ? 1 : (int) Math.min(all, (steps - 1) / each + 1);
  }

  /**
   * The steps left after an epoch; none after one without a step, since all others are like it.
   *
   * @param left before the epoch
   * @param planned steps of the epoch
   */
  long after(long left, long planned) {
    return steps == ALL ? ALL : planned == 0 ? 0 : left - planned;
  }
}
