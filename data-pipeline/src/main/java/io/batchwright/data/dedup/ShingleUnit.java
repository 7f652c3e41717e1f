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
   * Characters after lower-casing, without ASCII punctuation, with each run of white space as one
   * space: SlimPajama's unit, with shingles of 13.
   */
  CHARACTERS
}
