package io.batchwright.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WsdTest {
  private static Wsd schedule(Wsd.Decay decay) {
    return new Wsd(1e-3, 100, 0, 0.2, 0.1, decay);
  }

  /** Step 900 of 1000 with a descent over the last 200, after Megatron-LM's scheduler. */
  @Test
  void equalsTheGoldenValuesHalfwayDown() {
    assertThat(schedule(Wsd.Decay.LINEAR).rate(900, 1000)).isCloseTo(0.00055, within(1e-13));
    assertThat(schedule(Wsd.Decay.COSINE).rate(900, 1000)).isCloseTo(0.00055, within(1e-13));
    assertThat(schedule(Wsd.Decay.EXPONENTIAL).rate(900, 1000))
        .isCloseTo(0.0004727922061, within(1e-13));
    assertThat(schedule(Wsd.Decay.MINUS_SQRT).rate(900, 1000))
        .isCloseTo(0.0003636038969, within(1e-13));
  }

  @Test
  void staysAtThePeakBetweenWarmupAndDescent() {
    for (Wsd.Decay decay : Wsd.Decay.values()) {
      assertThat(schedule(decay).rate(100, 1000)).isEqualTo(1e-3);
      assertThat(schedule(decay).rate(800, 1000)).isEqualTo(1e-3);
      assertThat(schedule(decay).rate(1000, 1000)).isCloseTo(1e-4, within(1e-15));
    }
  }
}
