package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import java.util.Arrays;
import net.openhft.hashing.LongHashFunction;

/**
 * Hashes the shingles of one text after another without an object per shingle; not thread-safe.
 *
 * <p>A token's hash is a polynomial of its folded characters, mixed; a shingle's is the rolling
 * polynomial of its tokens' hashes, mixed. A text with fewer tokens than a shingle holds is one
 * shingle, a text of symbols alone is one shingle of its characters, and a blank text has none.
 */
final class ShingleHasher {
  private static final long BASE = 0x9E3779B97F4A7C15L;
  private static final long CHARACTER_BASE = 0xD1342543DE82EF95L;
  private static final LongHashFunction WHOLE_TEXT = LongHashFunction.xx3(7);

  private final ShingleUnit unit;
  private final int size;
  private final long leaving; // BASE^(size - 1): what the oldest token has been multiplied by
  private final long[] window;
  private char[] chars = new char[4096];
  private long[] hashes = new long[1024];
  private int count;
  private long rolling;
  private int slot;
  private int tokens;

  ShingleHasher(ShingleUnit unit, int size) {
    this.unit = unit;
    this.size = size;
    long power = 1;
    for (int i = 1; i < size; i++) {
      power *= BASE;
    }
    leaving = power;
    window = new long[size];
  }

  /**
   * Hashes {@code text}'s shingles into {@link #hashes()}, in text order, repeats included.
   *
   * @return their number
   */
  int hash(String text) {
    count = 0;
    rolling = 0;
    slot = 0;
    tokens = 0;
    int length = text.length();
    if (chars.length < length) {
      chars = new char[Math.max(length, chars.length * 2)];
    }
    text.getChars(0, length, chars, 0);
    switch (unit) {
      case WORDS -> words(length, true, false);
      case WORD_TOKENS -> words(length, false, true);
      case CHARACTERS -> characters(length);
    }
    if (tokens == 0) {
      String visible = text.strip();
      if (!visible.isEmpty()) {
        add(WHOLE_TEXT.hashChars(visible));
      }
    } else if (tokens < size) {
      add(mix(rolling + tokens));
    }
    return count;
  }

  /** The hashes of the last text; only the first {@link #hash} of them are its own. */
  long[] hashes() {
    return hashes;
  }

  private void words(int length, boolean underscoreInWord, boolean symbols) {
    long word = 0;
    boolean inWord = false;
    int i = 0;
    while (i < length) {
      int point = chars[i];
      i++;
      if (point >= 'a' && point <= 'z' || point >= '0' && point <= '9') {
        word = word * CHARACTER_BASE + point;
        inWord = true;
        continue;
      }
      if (point >= 'A' && point <= 'Z') {
        word = word * CHARACTER_BASE + (point + 32);
        inWord = true;
        continue;
      }
      if (Character.isHighSurrogate((char) point)
          && i < length
          && Character.isLowSurrogate(chars[i])) {
        point = Character.toCodePoint((char) point, chars[i]);
        i++;
      }
      boolean alone = point >= 0x2E80 && standsAlone(point);
      if (!alone && (point == '_' ? underscoreInWord : point >= 128 && inWord(point))) {
        word = word * CHARACTER_BASE + Character.toLowerCase(point);
        inWord = true;
        continue;
      }
      if (inWord) {
        token(mix(word));
        word = 0;
        inWord = false;
      }
      if (alone || symbols && !isSpace(point)) {
        token(mix(point + 0x100000000L));
      }
    }
    if (inWord) {
      token(mix(word));
    }
  }

  private void characters(int length) {
    boolean space = false;
    for (int i = 0; i < length; i++) {
      char c = Character.toLowerCase(chars[i]);
      if (isSpace(c)) {
        space = tokens > 0;
      } else if (!isAsciiPunctuation(c)) {
        if (space) {
          token(mix(' '));
          space = false;
        }
        token(mix(c));
      }
    }
  }

  private void token(long hash) {
    if (tokens >= size) {
      rolling -= window[slot] * leaving;
    }
    rolling = rolling * BASE + hash;
    window[slot] = hash;
    slot = slot + 1 == size ? 0 : slot + 1;
    tokens++;
    if (tokens >= size) {
      add(mix(rolling));
    }
  }

  private void add(long hash) {
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, count * 2);
    }
    hashes[count] = hash;
    count++;
  }

  private static boolean inWord(int point) {
    if (Character.isLetterOrDigit(point)) {
      return true;
    }
    int type = Character.getType(point);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private static boolean standsAlone(int point) {
    return Character.isIdeographic(point) || point >= 0x3041 && point <= 0x30FF;
  }

  private static boolean isSpace(int point) {
    return Character.isWhitespace(point) || Character.isSpaceChar(point) || point < 32;
  }

  private static boolean isAsciiPunctuation(char c) {
    return c > 32 && c < 127 && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z');
  }
}
