package io.batchwright.technique;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CheckTest {
  @Test
  void aMessageNamesFieldValueAndLegalRange() {
    assertThatThrownBy(() -> Check.range("Lamb.beta1", 1.8, 0, true, 1, false))
        .hasMessage("Lamb.beta1 must be in [0, 1), got 1.8");
    assertThatThrownBy(() -> Check.atLeast("Words.minimum", 0, 1))
        .hasMessage("Words.minimum must be at least 1, got 0");
    assertThatThrownBy(() -> Check.oneOf("Normalize.form", "NFX", "NFC", "NFKC"))
        .hasMessage("Normalize.form must be one of NFC, NFKC, got NFX");
  }

  @Test
  void notANumberIsOutsideEveryRange() {
    assertThatThrownBy(() -> Check.range("a", Double.NaN, 0, true, 1, true));
    assertThatThrownBy(() -> Check.positive("a", Double.NaN));
    assertThatThrownBy(() -> Check.atLeast("a", Double.NaN, 0));
  }

  @Test
  void endsAreOpenOrClosedAsStated() {
    assertThatCode(() -> Check.range("a", 1, 0, true, 1, true)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Check.range("a", 0, 0, false, 1, true));
  }
}
