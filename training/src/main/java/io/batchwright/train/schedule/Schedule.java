package io.batchwright.train.schedule;

import java.io.Serializable;
import java.util.OptionalLong;

/**
 * The learning rate of each step: a pure function of the step and the planned number of steps, so
 * that a resumed run continues where it stopped without any saved state.
 */
public sealed interface Schedule extends Serializable
    permits WarmupCosine,
        Linear,
        Constant,
        Wsd,
        InverseSquareRoot,
        PowerScheduler,
        RewarmCosine,
        BatchScaled,
        CustomSchedule {

  /**
   * The learning rate of one step.
   *
   * @param step the step about to be taken, from 0; {@code totalSteps} itself gives the rate at
   *     which the schedule ends
   * @param totalSteps the planned number of steps, at least 1
   * @return the rate, finite and at least 0
   */
  double rate(long step, long totalSteps);

  /** The highest rate the schedule reaches. */
  double peakRate();

  /** The samples in a global batch that its rates are for; empty where it says nothing of them. */
  default OptionalLong forBatch() {
    return OptionalLong.empty();
  }
}
