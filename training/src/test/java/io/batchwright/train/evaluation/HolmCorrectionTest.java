package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmCorrectionTest {
  @Test
  void theValuesOfRAreGivenBack() {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    double[] adjusted = HolmCorrection.adjusted(new double[] {0.01, 0.04, 0.03, 0.005});
    assertThat(adjusted).containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
  }

  @Test
  void noneIsAboveOneAndOneAloneStays() {
    assertThat(HolmCorrection.adjusted(new double[] {0.9, 0.8, 1})).containsExactly(1, 1, 1);
    assertThat(HolmCorrection.adjusted(new double[] {0.2})).containsExactly(0.2);
    assertThat(HolmCorrection.adjusted(new double[0])).isEmpty();
  }
}
