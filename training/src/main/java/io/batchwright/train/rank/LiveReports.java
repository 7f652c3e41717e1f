package io.batchwright.train.rank;

import java.util.Arrays;
import org.apache.spark.util.AccumulatorV2;

/**
 * The newest steps of each rank, carried to the driver by executor heartbeats while the tasks run:
 * {@value #NEWEST} of rank 0, and {@value #NEWEST_OF_OTHERS} of each other, of which only the times
 * are new.
 *
 * <p>Heartbeats may be lost, and a retried stage repeats steps: these are figures to show, never to
 * count. Metrics proper are written with the checkpoints.
 */
final class LiveReports extends AccumulatorV2<RankStep, RankStep[]> {
  private static final long serialVersionUID = 2L;
  static final int NEWEST = 512;
  static final int NEWEST_OF_OTHERS = 16;

  // Replaced, never changed: the heartbeat thread reads it while the task adds.
  private volatile RankStep[] steps = new RankStep[0];

  @Override
  public boolean isZero() {
    return steps.length == 0;
  }

  @Override
  public AccumulatorV2<RankStep, RankStep[]> copy() {
    LiveReports copy = new LiveReports();
    copy.steps = steps;
    return copy;
  }

  @Override
  public void reset() {
    steps = new RankStep[0];
  }

  /** In a task, where all steps are of one rank. */
  @Override
  public void add(RankStep step) {
    int most = step.rank() == 0 ? NEWEST : NEWEST_OF_OTHERS;
    int from = Math.max(0, steps.length + 1 - most);
    RankStep[] newer = Arrays.copyOfRange(steps, from, steps.length + 1);
    newer[newer.length - 1] = step;
    steps = newer;
  }

  /** On the driver, once a task has ended. */
  @Override
  public void merge(AccumulatorV2<RankStep, RankStep[]> other) {
    RankStep[] more = other.value();
    RankStep[] both = Arrays.copyOf(steps, steps.length + more.length);
    System.arraycopy(more, 0, both, steps.length, more.length);
    steps = both;
  }

  @Override
  public RankStep[] value() {
    return steps;
  }
}
