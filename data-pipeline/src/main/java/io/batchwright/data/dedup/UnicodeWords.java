package io.batchwright.data.dedup;

import com.ibm.icu.text.BreakIterator;
import com.ibm.icu.util.ULocale;
import java.nio.CharBuffer;
import java.util.Arrays;

/**
 * The words of a text by UAX #29, as ICU's root locale has them: pieces between word boundaries
 * that hold a letter, digit, kana or ideograph, and runs of underscores.
 *
 * <p>Text is first cut at ASCII white space, where there is always a boundary. A piece of ASCII is
 * cut by the rules for ASCII written out here (WB5 to WB13b); only other pieces are given to ICU. A
 * test holds the two equal on random texts.
 */
final class UnicodeWords {
  private static final int LETTER = 1;
  private static final int DIGIT = 2;
  private static final int UNDERSCORE = 4;
  private static final int MID_LETTER = 8; // joins letters
  private static final int MID_NUMBER = 16; // joins digits
  private static final byte[] ROLES = new byte[128];

  static {
    for (int c = 0; c < ROLES.length; c++) {
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
      ROLES[c] = (byte) (letter ? LETTER : c >= '0' && c <= '9' ? DIGIT : 0);
    }
    ROLES['_'] = UNDERSCORE;
    ROLES['.'] = MID_LETTER | MID_NUMBER;
    ROLES['\''] = MID_LETTER | MID_NUMBER;
    ROLES[':'] = MID_LETTER;
    ROLES[','] = MID_NUMBER;
    ROLES[';'] = MID_NUMBER;
  }

  private final BreakIterator icu = BreakIterator.getWordInstance(ULocale.ROOT);
  private int[] bounds = new int[512];
  private int count;
  private int seen;

  /** Finds the words of the first {@code length} characters, before a terminating space. */
  void cut(char[] chars, int length) {
    count = 0;
    seen = 0;
    int from = 0;
    while (from < length) {
      int to = from;
      int or = 0;
      while (chars[to] > ' ') {
        or |= chars[to];
        to++;
      }
      if (or < 128) {
        ascii(chars, from, to);
      } else {
        seen |= or;
        other(chars, from, to);
      }
      from = to + 1;
    }
  }

  int count() {
    return count;
  }

  int start(int word) {
    return bounds[2 * word];
  }

  int end(int word) {
    return bounds[2 * word + 1];
  }

  /** The characters of pieces beyond ASCII, or-ed. */
  int seen() {
    return seen;
  }

  private void ascii(char[] chars, int from, int to) {
    int i = from;
    while (i < to) {
      int start = i;
      int kinds = 0;
      int before = 0;
      while (i < to) {
        int role = ROLES[chars[i]];
        if ((role & (LETTER | DIGIT | UNDERSCORE)) != 0) {
          before = role;
          kinds |= role;
          i++;
          continue;
        }
        int after = i + 1 < to ? ROLES[chars[i + 1]] : 0;
        boolean joins =
            (role & MID_LETTER) != 0 && before == LETTER && after == LETTER
                || (role & MID_NUMBER) != 0 && before == DIGIT && after == DIGIT;
        if (!joins) {
          break;
        }
        i++;
      }
      if ((kinds & (LETTER | DIGIT)) != 0 || i - start > 1) { // as ICU takes __ but not _
        add(start, i);
      }
      if (i == start) {
        i++;
      }
    }
  }

  private void other(char[] chars, int from, int to) {
    icu.setText(CharBuffer.wrap(chars, from, to - from));
    int start = icu.first();
    for (int end = icu.next(); end != BreakIterator.DONE; end = icu.next()) {
      if (icu.getRuleStatus() >= BreakIterator.WORD_NONE_LIMIT) {
        add(from + start, from + end);
      }
      start = end;
    }
  }

  private void add(int start, int end) {
    if (2 * count == bounds.length) {
      bounds = Arrays.copyOf(bounds, bounds.length * 2);
    }
    bounds[2 * count] = start;
    bounds[2 * count + 1] = end;
    count++;
  }
}
