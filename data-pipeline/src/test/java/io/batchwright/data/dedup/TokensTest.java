package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokensTest {
  private static final int[] AWKWARD = {
    0, 9, 10, 0x1F, ' ', 0x7F, 0x85, 0xA0, 0xAD, 0xDF, 0x130, 0x301, 0x3C2, 0x3A3, 0x5D0, 0x622,
    0x640, 0x64B, 0x660, 0x915, 0x93F, 0x94D, 0xE01, 0xE34, 0x200B, 0x200D, 0x2019, 0x2028, 0x2460,
    0x3000, 0x3005, 0x3042, 0x3099, 0x30A2, 0x30FB, 0x30FC, 0x4E2D, 0x6587, 0xAC00, 0xD55C, 0xD800,
    0xDBFF, 0xDC00, 0xFB01, 0xFEFF, 0xFF21, 0xFF76, 0xFFFD, 0x10400, 0x1D400, 0x1F600, 0x20000,
    0x2A6DF
  };

  @ParameterizedTest
  @EnumSource(value = ShingleUnit.class, mode = EnumSource.Mode.EXCLUDE, names = "UAX29_WORDS")
  void equalTokensAndOnlyThoseHaveEqualHashes(ShingleUnit unit) {
    long seed = 41;
    Random random = new Random(seed);
    Tokens tokens = new Tokens(unit, Normalization.NONE);
    Map<Long, String> known = new HashMap<>();
    for (int round = 0; round < 3000; round++) {
      String text = text(random, random.nextInt(40));
      List<String> expected = ReferenceTokens.of(unit, text);
      int count = tokens.cut(text);
      assertThat(count)
          .as("tokens of \"%s\" (seed %d)", escaped(text), seed)
          .isEqualTo(expected.size());
      for (int i = 0; i < count; i++) {
        String before = known.put(tokens.hashes()[i], expected.get(i));
        assertThat(before == null || before.equals(expected.get(i)))
            .as("%s and %s in \"%s\"", before, expected.get(i), escaped(text))
            .isTrue();
      }
    }
    assertThat(known.values()).doesNotHaveDuplicates();
  }

  @Test
  void unicodeWordsAreIcusOnAsciiAndOnEverything() {
    long seed = 43;
    Random random = new Random(seed);
    for (int round = 0; round < 4000; round++) {
      String text = round % 2 == 0 ? ascii(random) : text(random, random.nextInt(40));
      assertThat(cut(text))
          .as("words of \"%s\" (seed %d)", escaped(text), seed)
          .isEqualTo(icu(text));
    }
  }

  @Test
  void unicodeWordsKeepContractionsNumbersAndDictionaryWords() {
    assertThat(cut("Can't stop: 3.14, 1,000 e.g. a_b __ 10:30 \"x\""))
        .containsExactly("Can't", "stop", "3.14", "1,000", "e.g", "a_b", "__", "10", "30", "x");
    assertThat(cut("\u65e5\u672c\u8a9e\u306e\u6587\u7ae0"))
        .containsExactly("\u65e5\u672c\u8a9e", "\u306e", "\u6587\u7ae0");
    assertThat(cut("\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01"))
        .hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @EnumSource(ShingleUnit.class)
  void aHasherThatHasSeenOtherTextsHashesLikeANewOne(ShingleUnit unit) {
    Random random = new Random(47);
    Shingles shingles = new Shingles(unit, 3);
    ShingleHasher used = shingles.hasher();
    used.hash("huge " + "\u00e9t\u00e9 ".repeat(1_200_000)); // beyond what buffers keep
    for (int round = 0; round < 300; round++) {
      String text = text(random, random.nextInt(60));
      int count = used.hash(text);
      ShingleHasher fresh = shingles.hasher();
      assertThat(fresh.hash(text)).isEqualTo(count);
      assertThat(Arrays.copyOf(used.hashes(), count))
          .isEqualTo(Arrays.copyOf(fresh.hashes(), count));
    }
  }

  private static List<String> cut(String text) {
    UnicodeWords words = new UnicodeWords();
    words.cut((text + " ").toCharArray(), text.length());
    List<String> found = new ArrayList<>();
    for (int i = 0; i < words.count(); i++) {
      found.add(text.substring(words.start(i), words.end(i)));
    }
    return found;
  }

  private static List<String> icu(String text) {
    BreakIterator breaks = BreakIterator.getWordInstance(ULocale.ROOT);
    breaks.setText(text);
    List<String> found = new ArrayList<>();
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; start = end, end = breaks.next()) {
      if (breaks.getRuleStatus() >= BreakIterator.WORD_NONE_LIMIT) {
        found.add(text.substring(start, end));
      }
    }
    return found;
  }

  private static String ascii(Random random) {
    String common = "ab1_.',;: -\"\n\0";
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(30);
    for (int i = 0; i < length; i++) {
      text.append(
          random.nextInt(8) == 0
              ? (char) random.nextInt(128)
              : common.charAt(random.nextInt(common.length())));
    }
    return text.toString();
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(4)) {
        case 0 -> text.append((char) (32 + random.nextInt(96)));
        case 1 -> text.append((char) ('a' + random.nextInt(4)));
        case 2 -> text.appendCodePoint(AWKWARD[random.nextInt(AWKWARD.length)]);
        default -> text.append(random.nextInt(3) == 0 ? ' ' : (char) (0x4E00 + random.nextInt(9)));
      }
    }
    return text.toString();
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(c -> escaped.append(c > 32 && c < 127 ? "" + (char) c : "\\u%04x".formatted(c)));
    return escaped.toString();
  }
}
