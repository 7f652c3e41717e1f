package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.List;

/** What the units mean, written for reading: what {@link Tokens} must cut. */
final class ReferenceTokens {
  private ReferenceTokens() {}

  static List<String> of(ShingleUnit unit, String text) {
    return switch (unit) {
      case WORDS -> words(text, true, false);
      case WORD_TOKENS -> words(text, false, true);
      case CHARACTERS -> characters(text);
      case CJK_BIGRAMS -> bigrams(text);
      case UAX29_WORDS -> throw new IllegalArgumentException("ask ICU");
    };
  }

  private static List<String> words(String text, boolean underscores, boolean symbols) {
    List<String> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int point : text.codePoints().toArray()) {
      boolean alone = standsAlone(point);
      if (!alone && (point == '_' ? underscores : isLetterDigitOrMark(point))) {
        word.appendCodePoint(Character.toLowerCase(point));
        continue;
      }
      flush(word, tokens);
      if (alone || symbols && !isSpace(point)) {
        tokens.add(Character.toString(point));
      }
    }
    flush(word, tokens);
    return tokens;
  }

  private static List<String> characters(String text) {
    List<String> tokens = new ArrayList<>();
    boolean space = false;
    for (int point : text.codePoints().toArray()) {
      if (isSpace(point)) {
        space = !tokens.isEmpty();
      } else if ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".indexOf(point) < 0) {
        if (space) {
          tokens.add(" ");
          space = false;
        }
        tokens.add(Character.toString(Character.toLowerCase(point)));
      }
    }
    return tokens;
  }

  private static List<String> bigrams(String text) {
    List<String> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    List<String> run = new ArrayList<>();
    for (int point : (text + " ").codePoints().toArray()) {
      boolean paired =
          Character.isIdeographic(point)
              || Character.isLetterOrDigit(point)
                  && List.of(
                          Character.UnicodeBlock.HIRAGANA,
                          Character.UnicodeBlock.KATAKANA,
                          Character.UnicodeBlock.KATAKANA_PHONETIC_EXTENSIONS,
                          Character.UnicodeBlock.HANGUL_SYLLABLES)
                      .contains(Character.UnicodeBlock.of(point))
              || point >= 0xFF66 && point <= 0xFF9D;
      if (paired) {
        flush(word, tokens);
        run.add(Character.toString(point));
        continue;
      }
      for (int i = 0; i + 1 < run.size(); i++) {
        tokens.add(run.get(i) + run.get(i + 1));
      }
      if (run.size() == 1) {
        tokens.add(run.get(0));
      }
      run.clear();
      if (point == '_' || isLetterDigitOrMark(point) && !standsAlone(point)) {
        word.appendCodePoint(Character.toLowerCase(point));
      } else {
        flush(word, tokens);
      }
    }
    return tokens;
  }

  private static void flush(StringBuilder word, List<String> tokens) {
    if (word.length() > 0) {
      tokens.add(word.toString());
      word.setLength(0);
    }
  }

  private static boolean isLetterDigitOrMark(int point) {
    int type = Character.getType(point);
    return Character.isLetterOrDigit(point)
        || point >= 128
            && (type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK);
  }

  private static boolean standsAlone(int point) {
    return point >= 0x2E80
        && (Character.isIdeographic(point) || point >= 0x3041 && point <= 0x30FF);
  }

  private static boolean isSpace(int point) {
    return Character.isWhitespace(point) || Character.isSpaceChar(point) || point < 32;
  }
}
