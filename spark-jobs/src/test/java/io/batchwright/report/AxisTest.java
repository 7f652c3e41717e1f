package io.batchwright.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void ticksAreRoundAndCoverTheValues() {
    Axis axis = Axis.covering(0.13, 6.9, 5);
    assertThat(axis.low()).isEqualTo(0);
    assertThat(axis.high()).isEqualTo(8);
    assertThat(axis.ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0);
  }

  @Test
  void oneValueStillHasAnAxis() {
    Axis axis = Axis.covering(3, 3, 5);
    assertThat(axis.high()).isGreaterThan(axis.low());
    assertThat(axis.share(3)).isBetween(0.0, 1.0);
  }
}
