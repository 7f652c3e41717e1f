package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import java.util.Arrays;

/**
 * Cuts a text into the tokens of a {@link ShingleUnit} and hashes each; not thread-safe.
 *
 * <p>Cutting starts at once and watches the greatest character; only where that one could change
 * under the {@link Normalization} is the text normalised, and cut again if it did change.
 */
final class Tokens {
  private static final long CHARACTER_BASE = 0xD1342543DE82EF95L;
  private static final long ALONE_SEED = 0x100000000L;
  private static final long PAIR_SEED = 0x200000000L;
  private static final int SMALL = 1 << 14;
  private static final int LARGE = 1 << 22; // buffers beyond this do not outlive their text
  private static final int ASCII = 128;
  private static final int VISIBLE = 1;
  private static final int BLANK = 2;
  private static final int[] CODES = new int[ASCII]; // what CHARACTERS does with a character
  private static final long[] CHARACTERS = new long[ASCII];

  static {
    for (int c = 0; c < ASCII; c++) {
      int kind = Characters.kinds()[c];
      boolean blank = (kind & Characters.SPACE) != 0;
      CODES[c] = blank ? BLANK : (kind & Characters.ASCII_PUNCTUATION) == 0 ? VISIBLE : 0;
      CHARACTERS[c] = mix(blank ? ' ' : Characters.lower()[c]);
    }
  }

  private final ShingleUnit unit;
  private final Normalization normalization;
  private final int inertBelow;
  private final byte[] kinds = Characters.kinds();
  private final char[] lower = Characters.lower();
  private UnicodeWords unicodeWords; // made by the first text that needs them
  private char[] chars = new char[SMALL];
  private long[] hashes = new long[SMALL];
  private int count;
  private int seen; // all characters above ASCII, or-ed: at least the greatest of them

  Tokens(ShingleUnit unit, Normalization normalization) {
    this.unit = unit;
    this.normalization = normalization;
    inertBelow = normalization.inertBelow();
  }

  /** Hashes the tokens of {@code text} into {@link #hashes()}; their number. */
  int cut(String text) {
    if (inertBelow == 0) {
      cutAsItIs(normalization.beforeShingling(text));
      return count;
    }
    cutAsItIs(text);
    if (seen >= inertBelow) {
      String normal = normalization.beforeShingling(text);
      if (!normal.equals(text)) {
        cutAsItIs(normal);
      }
    }
    return count;
  }

  /** The hashes of the last text's tokens; only the first {@link #cut} of them are its own. */
  long[] hashes() {
    return hashes;
  }

  private void cutAsItIs(String text) {
    count = 0;
    seen = 0;
    int length = text.length();
    if (chars.length <= length || chars.length > LARGE && length < chars.length / 8) {
      chars = new char[Math.max(length + 1, SMALL)];
    }
    int atFirst = unit == ShingleUnit.CHARACTERS ? length : length / 4;
    if (hashes.length <= atFirst || hashes.length > LARGE && atFirst < hashes.length / 8) {
      hashes = new long[Math.max(atFirst + 1, SMALL)];
    }
    text.getChars(0, length, chars, 0);
    chars[length] = ' '; // ends the last word, so that the inner loops need not ask for the end
    switch (unit) {
      case WORDS -> words(length, Characters.WORD | Characters.UNDERSCORE, false);
      case WORD_TOKENS -> words(length, Characters.WORD, true);
      case CHARACTERS -> characters(length);
      case UAX29_WORDS -> unicodeWords(length);
      case CJK_BIGRAMS -> bigrams(length);
    }
  }

  private void add(int at, long hash) {
    if (at == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * at);
    }
    hashes[at] = hash;
  }

  /**
   * One pass without a branch that text decides: each character extends the word or makes it 0, the
   * word is stored again and again, and counts where it ends. Only ideographs, kana and surrogates
   * branch.
   */
  private void words(int length, int wordKinds, boolean symbols) {
    int symbolKinds = symbols ? ~0 : 0;
    int found = 0;
    int or = 0;
    long word = 0;
    int before = 0; // whether the character before was of a word
    for (int i = 0; i <= length; i++) {
      int point = chars[i];
      int kind = kinds[point];
      or |= point;
      if (found + 2 >= hashes.length) {
        hashes = Arrays.copyOf(hashes, 2 * hashes.length);
      }
      if ((kind & (Characters.ALONE | Characters.SURROGATE)) != 0) {
        if ((kind & Characters.SURROGATE) != 0) {
          point = Character.codePointAt(chars, i, length);
          i += point > Character.MAX_VALUE ? 1 : 0;
          kind = Characters.kindOf(point);
        }
        if ((kind & wordKinds) != 0) {
          word = word * CHARACTER_BASE + Character.toLowerCase(point);
          before = 1;
          continue;
        }
        hashes[found] = word;
        found += before;
        if ((kind & Characters.ALONE) != 0 || symbols) {
          hashes[found] = point + ALONE_SEED;
          found++;
        }
        word = 0;
        before = 0;
        continue;
      }
      int in = -(kind & wordKinds) >>> 31;
      int symbol = (in | -(kind & Characters.SPACE) >>> 31) ^ 1;
      hashes[found] = word;
      found += before & (in ^ 1);
      hashes[found] = point + ALONE_SEED;
      found += symbol & symbolKinds;
      word = (word * CHARACTER_BASE + lower[point]) & -(long) in;
      before = in;
    }
    for (int i = 0; i < found; i++) {
      hashes[i] = mix(hashes[i]);
    }
    count = found;
    seen = or;
  }

  private void characters(int length) {
    int found = 0;
    int or = 0;
    int gap = 1; // 1 where a space would follow another or stand first
    for (int i = 0; i < length; i++) {
      int point = chars[i];
      int code;
      if (point < ASCII) {
        code = CODES[point];
        hashes[found] = CHARACTERS[point];
      } else {
        or |= point;
        boolean blank = (kinds[point] & Characters.SPACE) != 0;
        code = blank ? BLANK : VISIBLE;
        if (Character.isHighSurrogate((char) point)) {
          point = Character.codePointAt(chars, i, length);
          i += point > Character.MAX_VALUE ? 1 : 0;
        }
        hashes[found] = mix(blank ? ' ' : Character.toLowerCase(point));
      }
      int visible = code & VISIBLE;
      int blank = code >> 1;
      found += visible | blank & (gap ^ 1);
      gap = blank | gap & (visible ^ 1);
    }
    count = gap == 1 && found > 0 ? found - 1 : found;
    seen = or;
  }

  private void bigrams(int length) {
    int found = 0;
    int or = 0;
    long word = 0;
    boolean inWord = false;
    int previous = -1; // the paired character before, or none
    boolean alone = false; // whether that one began its run
    for (int i = 0; i <= length; i++) {
      int point = chars[i];
      int kind = kinds[point];
      or |= point;
      if ((kind & Characters.SURROGATE) != 0) {
        point = Character.codePointAt(chars, i, length);
        if (point > Character.MAX_VALUE) {
          i++;
          kind = Characters.kindOf(point);
        }
      }
      boolean paired = (kind & Characters.PAIRED) != 0;
      boolean letter = !paired && (kind & (Characters.WORD | Characters.UNDERSCORE)) != 0;
      if (inWord && !letter) {
        add(found, mix(word));
        found++;
        word = 0;
        inWord = false;
      }
      if (paired) {
        if (previous >= 0) {
          add(found, mix(mix(previous + PAIR_SEED) * CHARACTER_BASE + point));
          found++;
        }
        alone = previous < 0;
        previous = point;
        continue;
      }
      if (previous >= 0 && alone) {
        add(found, mix(previous + ALONE_SEED));
        found++;
      }
      previous = -1;
      if (letter) {
        word = word * CHARACTER_BASE + Character.toLowerCase(point);
        inWord = true;
      }
    }
    count = found;
    seen = or;
  }

  private void unicodeWords(int length) {
    if (unicodeWords == null) {
      unicodeWords = new UnicodeWords();
    }
    unicodeWords.cut(chars, length);
    int words = unicodeWords.count();
    for (int w = 0; w < words; w++) {
      long word = 0;
      int end = unicodeWords.end(w);
      for (int i = unicodeWords.start(w); i < end; i++) {
        int point = Character.codePointAt(chars, i, end);
        i += point > Character.MAX_VALUE ? 1 : 0;
        word = word * CHARACTER_BASE + Character.toLowerCase(point);
      }
      add(w, mix(word));
    }
    count = words;
    seen = unicodeWords.seen();
  }
}
