package io.batchwright.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NormalizeTest {
  @Test
  void textsThatLookTheSameGetTheSameCharacters() {
    assertThat(Normalize.DEFAULTS.apply("Cafe\u0301")).isEqualTo("Caf\u00e9");
    assertThat(Normalize.DEFAULTS.apply("\ufb01ne")).isEqualTo("\ufb01ne");
    assertThat(new Normalize("NFKC").apply("\ufb01ne")).isEqualTo("fine");
    assertThat(new Normalize("none").apply("Cafe\u0301")).isEqualTo("Cafe\u0301");
  }

  @Test
  void lineEndsAreUnifiedAndWhatNoFileShouldHoldGoes() {
    assertThat(Normalize.DEFAULTS.apply("a\r\nb\rc\u0085d\u2028e\nf"))
        .isEqualTo("a\nb\nc\nd\ne\nf");
    assertThat(Normalize.DEFAULTS.apply("a\0b\ud800c\udc00")).isEqualTo("abc");
    assertThat(Normalize.DEFAULTS.apply("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
    assertThat(Normalize.DEFAULTS.apply((String) null)).isNull();
  }

  @Test
  void anUnknownFormNamesTheKnownOnes() {
    assertThatThrownBy(() -> new Normalize("NFX"))
        .hasMessage("Normalize.form must be one of NFC, NFKC, none, got NFX");
  }
}
