package io.batchwright.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GrowthExponentTest {
  @Test
  void aPowerLawGivesItsExponent() {
    double[] sizes = {1, 4, 16};
    assertThat(GrowthExponent.of(sizes, new double[] {3, 12, 48})).isCloseTo(1, within(1e-12));
    assertThat(GrowthExponent.of(sizes, new double[] {1, 16, 256})).isCloseTo(2, within(1e-12));
    assertThat(GrowthExponent.of(sizes, new double[] {7, 7, 7})).isCloseTo(0, within(1e-12));
  }

  @Test
  void aFixedCostLowersIt() {
    assertThat(GrowthExponent.of(new double[] {1, 4, 16}, new double[] {6, 9, 21}))
        .isBetween(0.4, 0.5);
  }

  @Test
  void oneSizeIsNoGrowth() {
    assertThatThrownBy(() -> GrowthExponent.of(new double[] {2, 2}, new double[] {1, 3}))
        .hasMessage("all sizes are 2.0");
  }
}
