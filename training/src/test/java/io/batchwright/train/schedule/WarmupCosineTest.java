package io.batchwright.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmupCosineTest {
  private final WarmupCosine schedule = new WarmupCosine(3e-4, 10, 0, 0.1);

  @Test
  void climbsInEqualStepsToThePeak() {
    assertThat(schedule.rate(0, 1000)).isCloseTo(3e-4 / 11, within(1e-18));
    assertThat(schedule.rate(4, 1000)).isCloseTo(3e-4 * 5 / 11, within(1e-18));
    assertThat(schedule.rate(10, 1000)).isEqualTo(3e-4);
  }

  /** The descent of the golden values for re-warmed cosine (peak 3e-4, end at a tenth). */
  @Test
  void comesDownByHalfACosine() {
    assertThat(schedule.rate(505, 1000)).isCloseTo(0.000165, within(1e-15));
    assertThat(schedule.rate(1000, 1000)).isCloseTo(3e-5, within(1e-15));
  }

  @Test
  void takesTheShareWhereNoStepsAreGiven() {
    WarmupCosine shared = new WarmupCosine(1, 0, 0.25, 0);
    assertThat(shared.rate(24, 100)).isLessThan(1);
    assertThat(shared.rate(25, 100)).isEqualTo(1);
  }

  @Test
  void namesTheFieldThatIsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WarmupCosine(1, 0, 1.5, 0))
        .withMessage("WarmupCosine.warmupShare must be in [0, 1), got 1.5");
  }
}
