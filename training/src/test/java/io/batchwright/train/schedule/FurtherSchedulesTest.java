package io.batchwright.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

/** Golden values and closed forms of the schedules that are one formula each. */
class FurtherSchedulesTest {
  @Test
  void linearMeetsItsEndsAndItsMiddle() {
    Linear schedule = new Linear(1, 10, 0, 0.2);
    assertThat(schedule.rate(4, 110)).isCloseTo(5.0 / 11, within(1e-15));
    assertThat(schedule.rate(10, 110)).isEqualTo(1);
    assertThat(schedule.rate(60, 110)).isCloseTo(0.6, within(1e-15));
    assertThat(schedule.rate(110, 110)).isCloseTo(0.2, within(1e-15));
  }

  @Test
  void inverseSquareRootIsTheTransformersFormula() {
    InverseSquareRoot schedule = InverseSquareRoot.PAPER;
    for (long step : new long[] {1, 100, 3_999, 4_000, 20_000, 99_999}) {
      double expected =
          Math.pow(512, -0.5) * Math.min(Math.pow(step, -0.5), step * Math.pow(4000, -1.5));
      assertThat(schedule.rate(step - 1, 100_000)).isCloseTo(expected, withinPercentage(1e-10));
    }
  }

  @Test
  void powerSchedulerGivesTheGoldenValues() {
    PowerScheduler schedule = PowerScheduler.PAPER;
    assertThat(schedule.power(1e10)).isEqualTo(0.02);
    assertThat(schedule.power(1e11)).isCloseTo(0.01005448772, within(1e-11));
    assertThat(schedule.power(1e12)).isCloseTo(0.003107133747, within(1e-12));
  }

  @Test
  void powerSchedulerDoublesWithTheBatchBelowItsCapAndIgnoresTheLengthOfTheRun() {
    PowerScheduler one = new PowerScheduler(0.02, 4, -0.51, 16, 1 << 20, 10, 0);
    PowerScheduler two = new PowerScheduler(0.02, 4, -0.51, 32, 1 << 20, 10, 0);
    assertThat(two.rate(500, 1000)).isCloseTo(2 * one.rate(500, 1000), withinPercentage(1e-9));
    assertThat(one.rate(500, 1000)).isEqualTo(one.rate(500, 100_000));
  }

  @Test
  void rewarmCosineGivesTheGoldenValues() {
    RewarmCosine schedule = new RewarmCosine(3e-4, 10, 0, 0.1, 0.1);
    assertThat(schedule.rate(0, 1000)).isCloseTo(3e-5, within(1e-15));
    assertThat(schedule.rate(5, 1000)).isCloseTo(0.000165, within(1e-15));
    assertThat(schedule.rate(10, 1000)).isCloseTo(3e-4, within(1e-15));
    assertThat(schedule.rate(505, 1000)).isCloseTo(0.000165, within(1e-15));
    assertThat(schedule.rate(1000, 1000)).isCloseTo(3e-5, within(1e-15));
  }

  /** The golden values of the two rules: 0.1 at 256 and 0.001 at 256, at a batch of 1,024. */
  @Test
  void batchScaledFollowsItsRule() {
    Schedule descent = new BatchScaled(new Constant(0.1, 0, 0), BatchScaled.Rule.LINEAR, 256, 1024);
    Schedule adam =
        new BatchScaled(new Constant(0.001, 0, 0), BatchScaled.Rule.SQUARE_ROOT, 256, 1024);
    assertThat(descent.rate(7, 10)).isCloseTo(0.4, within(1e-15));
    assertThat(adam.rate(7, 10)).isCloseTo(0.002, within(1e-15));
    assertThat(adam.peakRate()).isCloseTo(0.002, within(1e-15));
  }
}
