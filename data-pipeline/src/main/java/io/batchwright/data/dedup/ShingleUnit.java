package io.batchwright.data.dedup;

/** What a shingle is made of. Every unit folds case, so that texts equal but for case are equal. */
public enum ShingleUnit {
  /**
   * Runs of letters, digits and underscores, in prose; an ideograph or kana stands alone. Equals
   * the usual lower-case {@code \w+} tokens for scripts with spaces.
   */
  WORDS,
  /**
   * Runs of letters and digits, and each other visible character as a token of its own: for code.
   */
  WORD_TOKENS,
  /**
   * Characters (code points) after lower-casing, without ASCII punctuation, with each run of white
   * space as one space: SlimPajama's unit, with shingles of 13.
   */
  CHARACTERS,
  /**
   * Words by Unicode's word boundaries (UAX #29) as ICU finds them, lower-cased: "can't" and "3.14"
   * are one word, and Chinese, Japanese, Thai, Lao, Khmer and Burmese are cut by dictionary. Slower
   * than {@link #WORDS} outside ASCII.
   */
  UAX29_WORDS,
  /**
   * Overlapping pairs of neighbours in a run of ideographs, kana or hangul syllables, a run of one
   * by itself; other text as {@link #WORDS}: for Chinese, Japanese and Korean without a dictionary.
   */
  CJK_BIGRAMS
}
