package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

class NormalQuantileTest {
  @Test
  void equalsThePublishedValues() {
    // The three check values of AS 241, one per region, and the familiar 97.5 %.
    assertThat(NormalQuantile.of(0.25)).isEqualTo(-0.6744897501960817, withinRelative());
    assertThat(NormalQuantile.of(0.001)).isEqualTo(-3.090232306167814, withinRelative());
    assertThat(NormalQuantile.of(1e-20)).isEqualTo(-9.262340089798408, withinRelative());
    assertThat(NormalQuantile.of(0.975)).isEqualTo(1.959963984540054, withinRelative());
    assertThat(NormalQuantile.of(0.5)).isZero();
  }

  @Test
  void isTheInverseOfTheDistributionWhoseDensityIsNormal() {
    for (double p = 1e-6; p < 1 - 1e-6; p += 1.37e-4) {
      double h = 1e-4 * Math.min(p, 1 - p);
      double slope = (NormalQuantile.of(p + h) - NormalQuantile.of(p - h)) / (2 * h);
      double x = NormalQuantile.of(p);
      double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      assertThat(slope * density).as("at %s", p).isCloseTo(1, withinPercentage(1e-4));
    }
  }

  @Test
  void isOddAboutOneHalfAndFiniteAtTheEndsOfAStream() {
    assertThat(NormalQuantile.of(0.75)).isEqualTo(-NormalQuantile.of(0.25));
    assertThat(NormalQuantile.of(0x1p-53)).isFinite().isNegative();
    assertThat(NormalQuantile.of(1 - 0x1p-53)).isFinite().isPositive();
  }

  private static org.assertj.core.data.Offset<Double> withinRelative() {
    return org.assertj.core.data.Offset.offset(4e-15);
  }
}
