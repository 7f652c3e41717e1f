package io.batchwright.train.language;

import io.batchwright.technique.Check;
import java.util.Arrays;

/**
 * What an objective knows of a tokenizer.
 *
 * @param size V
 * @param mask the token that stands for a hidden one, in [0, V)
 * @param special tokens that are never hidden, such as {@code [CLS]} and {@code [SEP]}
 */
public record Vocabulary(int size, int mask, int[] special) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a token is out of its range
   */
  public Vocabulary {
    Check.atLeast("Vocabulary.size", size, 1);
    Check.range("Vocabulary.mask", mask, 0, true, size, false);
    for (int token : special) {
      Check.range("Vocabulary.special", token, 0, true, size, false);
    }
    special = special.clone();
    Arrays.sort(special);
  }

  /** A vocabulary without special tokens, for objectives that hide nothing. */
  public static Vocabulary of(int size) {
    return new Vocabulary(size, 0, new int[0]);
  }

  /** Whether {@code token} is never hidden. */
  boolean isSpecial(int token) {
    return Arrays.binarySearch(special, token) >= 0;
  }
}
