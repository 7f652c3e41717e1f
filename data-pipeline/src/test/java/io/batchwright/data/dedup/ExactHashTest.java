package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ExactHashTest {
  private static final String ALPHABET = "ab \t\n\u00a0\u2003\u3000\u0000Bz\u00e9\ud83d\ude00.";

  @Test
  void textsAreEqualWhereTheyDifferInRunsAndEndsOfBlanksAlone() {
    Fingerprinter hasher = ExactHash.PAPER.fingerprinter();
    Fingerprinter folding = new ExactHash(true).fingerprinter();
    RandomStream stream = RandomStream.of(1, "exact hash", 0, 0);
    long position = 0;
    for (int i = 0; i < 3_000; i++) {
      StringBuilder made = new StringBuilder();
      int length = (int) stream.belowAt(position++, 12);
      for (int c = 0; c < length; c++) {
        made.append(ALPHABET.charAt((int) stream.belowAt(position++, ALPHABET.length())));
      }
      String text = made.toString();
      String plain = text.replaceAll("[ \t\n\u00a0\u2003\u3000\u0000]+", " ");
      plain = plain.replaceAll("^ | $", "");
      assertThat(hasher.of(text)).as(text).isEqualTo(hasher.of(plain));
      assertThat(folding.of(text)).isEqualTo(folding.of(plain.toLowerCase(Locale.ROOT)));
      assertThat(hasher.of(text)).isNotEqualTo(hasher.of(plain + "c"));
    }
    assertThat(hasher.of(" \n")).isEqualTo(hasher.of(""));
    assertThat(hasher.of("a b")).isNotEqualTo(hasher.of("ab"));
    assertThat(hasher.of("A")).isNotEqualTo(hasher.of("a"));
    assertThat(folding.of("A")).isEqualTo(folding.of("a"));
  }
}
