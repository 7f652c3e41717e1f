package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Normalization.Form.NFC;
import static io.batchwright.data.dedup.Normalization.Form.NFKC;
import static io.batchwright.data.dedup.Normalization.Form.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.ibm.icu.lang.UCharacter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  @Test
  void eachFieldDoesItsPart() {
    String text =
        "  Cafe\u0301 \ufb01ne\n\nSTRA\u00dfE \u0662\u0663 \u2013 \u201ce-mail\u201d\u3002 ";
    assertThat(Normalization.NONE.apply(text))
        .isEqualTo("Cafe\u0301 \ufb01ne STRA\u00dfE \u0662\u0663 \u2013 \u201ce-mail\u201d\u3002");
    assertThat(Normalization.NFC.apply(text)).startsWith("Caf\u00e9 \ufb01ne");
    assertThat(of(NFKC, false, false, false).apply(text)).startsWith("Caf\u00e9 fine");
    assertThat(of(NONE, true, false, false).apply(text)).contains("strasse");
    assertThat(of(NONE, false, false, true).apply(text)).contains("E 23 ");
    assertThat(of(NONE, false, true, false).apply(text)).endsWith("\u0662\u0663 email");
    assertThat(Normalization.STRICT.apply(text)).isEqualTo("caf\u00e9 fine strasse 23 email");
  }

  @Test
  void normalisingTwiceIsNormalisingOnce() {
    long seed = 53;
    Random random = new Random(seed);
    for (int round = 0; round < 4000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        text.appendCodePoint(random.nextInt(random.nextInt(6) == 0 ? 0x110000 : 0x3400));
      }
      Normalization normalization =
          of(
              Normalization.Form.values()[random.nextInt(3)],
              random.nextBoolean(),
              random.nextBoolean(),
              random.nextBoolean());
      String once = normalization.apply(text.toString());
      assertThat(normalization.apply(once)).as("%s, seed %d", normalization, seed).isSameAs(once);
    }
  }

  @Test
  void loneSurrogatesAndNulBytesDoNotStopIt() {
    assertThat(Normalization.STRICT.apply("\ud800A\0B\udc00")).isEqualTo("\ud800a b\udc00");
    assertThat(Normalization.STRICT.apply("")).isEmpty();
    assertThat(Normalization.NFC.apply("\0\0")).isEmpty();
  }

  @Test
  void spellingsOfOneTextHaveEqualShingles() {
    Shingles shingles = new Shingles(ShingleUnit.WORDS, 2);
    assertThat(shingles.of("un cafe\u0301 noir")).isEqualTo(shingles.of("un caf\u00e9 noir"));
    assertThat(shingles.after(Normalization.NONE).of("un cafe\u0301 noir"))
        .isNotEqualTo(shingles.after(Normalization.NONE).of("un caf\u00e9 noir"));
    Shingles strict = new Shingles(ShingleUnit.CHARACTERS, 3).after(Normalization.STRICT);
    assertThat(strict.of("Stra\u00dfe \u2013 \uff11\uff12")).isEqualTo(strict.of("STRASSE 12"));
  }

  @Test
  void charactersThatAreTakenForInertAre() {
    for (Normalization.Form form : Normalization.Form.values()) {
      for (int flags = 0; flags < 8; flags++) {
        Normalization tried = of(form, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
        Shingles shingles = new Shingles(ShingleUnit.WORD_TOKENS, 1);
        for (int c = 0; c < Math.min(tried.inertBelow(), 0x300); c++) {
          String text = "a" + (char) c + "b";
          assertThat(shingles.after(Normalization.NONE).of(tried.apply(text)))
              .as("U+%04X under %s", c, tried)
              .isEqualTo(shingles.after(Normalization.NONE).of(text));
        }
      }
    }
  }

  /** Another Unicode may normalise otherwise: then this version needs a decision. */
  @Test
  void versionOneIsUnicodeSixteen() {
    assertThat(Normalization.NFC.unicode()).isEqualTo("16.0");
    assertThat(UCharacter.getUnicodeVersion().getMajor()).isEqualTo(16);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(2, NFC, false, false, false))
        .withMessageContaining("Normalization.version must be 1")
        .withMessageContaining("got 2");
  }

  private static Normalization of(
      Normalization.Form form, boolean fold, boolean punctuation, boolean digits) {
    return new Normalization(Normalization.VERSION, form, fold, punctuation, digits);
  }
}
