package io.batchwright.data.dedup;

/**
 * The kind and the lower case of each UTF-16 unit, in tables: the loops over text ask them once a
 * character. Filled from {@link Character} when the class loads (about 5 ms, 192 KiB).
 */
final class Characters {
  /** A letter, digit, or combining mark, which a word is made of. */
  static final int WORD = 1;

  /** An ideograph or kana, which {@link ShingleUnit#WORDS} takes as a word. */
  static final int ALONE = 2;

  /** White space, a separator, or a control character. */
  static final int SPACE = 4;

  /** The underscore. */
  static final int UNDERSCORE = 8;

  /** Half of a pair, or alone: the pair's code point is to be asked. */
  static final int SURROGATE = 16;

  /** An ideograph, kana or hangul syllable, which {@link ShingleUnit#CJK_BIGRAMS} pairs. */
  static final int PAIRED = 32;

  /** Punctuation of ASCII: Python's {@code string.punctuation}. */
  static final int ASCII_PUNCTUATION = 64;

  private static final byte[] KINDS = new byte[Character.MAX_VALUE + 1];
  private static final char[] LOWER = new char[Character.MAX_VALUE + 1];

  static {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      boolean surrogate = Character.isSurrogate((char) c);
      KINDS[c] = (byte) (surrogate ? SURROGATE : kindOf(c));
      LOWER[c] = (char) (surrogate ? c : Character.toLowerCase(c));
    }
  }

  private Characters() {}

  /** Kinds of UTF-16 units, not to be written. */
  static byte[] kinds() {
    return KINDS;
  }

  /** Lower cases of UTF-16 units, not to be written. */
  static char[] lower() {
    return LOWER;
  }

  /** The kind of a code point; a lone surrogate has none. */
  static int kindOf(int point) {
    if (isSpace(point)) {
      return SPACE;
    }
    if (point == '_') {
      return UNDERSCORE | ASCII_PUNCTUATION;
    }
    if (point > 32 && point < 127 && !Character.isLetterOrDigit(point)) {
      return ASCII_PUNCTUATION;
    }
    boolean letter = Character.isLetterOrDigit(point);
    boolean ideograph = Character.isIdeographic(point);
    int kind = 0;
    if (point >= 0x2E80 && (ideograph || point >= 0x3041 && point <= 0x30FF)) {
      kind |= ALONE;
    } else if (letter || isMark(point)) {
      kind |= WORD;
    }
    if (ideograph || letter && isKanaOrHangul(point)) {
      kind |= PAIRED;
    }
    return kind;
  }

  private static boolean isSpace(int point) {
    return Character.isWhitespace(point) || Character.isSpaceChar(point) || point < 32;
  }

  private static boolean isMark(int point) {
    int type = Character.getType(point);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private static boolean isKanaOrHangul(int point) {
    return point >= 0x3041 && point <= 0x30FF
        || point >= 0x31F0 && point <= 0x31FF
        || point >= 0xAC00 && point <= 0xD7A3
        || point >= 0xFF66 && point <= 0xFF9D;
  }
}
