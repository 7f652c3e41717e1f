package io.batchwright.train.language;

import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;

/**
 * What an objective knows of a tokenizer.
 *
 * @param size V
 * @param mask the token that stands for a hidden one, in [0, V), or {@link #NO_MASK}
 * @param special tokens that are never hidden, such as {@code [CLS]} and {@code [SEP]}
 */
public record Vocabulary(int size, int mask, int[] special) implements Serializable {
  /** In the place of a mask token that a tokenizer does not have. */
  public static final int NO_MASK = -1;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a token is out of its range
   */
  public Vocabulary {
    Check.atLeast("Vocabulary.size", size, 1);
    Check.range("Vocabulary.mask", mask, NO_MASK, true, size, false);
    for (int token : special) {
      Check.range("Vocabulary.special", token, 0, true, size, false);
    }
    special = special.clone();
    Arrays.sort(special);
  }

  /** A vocabulary without special tokens, for objectives that hide nothing. */
  public static Vocabulary of(int size) {
    return new Vocabulary(size, NO_MASK, new int[0]);
  }

  /**
   * What a {@code tokenizer.json} says of its vocabulary.
   *
   * @param size V, above its greatest id
   */
  public static Vocabulary of(int size, String tokenizerJson) {
    Map<String, Integer> special = TokenizerDescription.specialTokens(tokenizerJson);
    int mask = special.getOrDefault("[MASK]", special.getOrDefault("<mask>", NO_MASK));
    return new Vocabulary(
        size, mask, special.values().stream().mapToInt(Integer::intValue).toArray());
  }

  /** Whether {@code token} is never hidden. */
  boolean isSpecial(int token) {
    return Arrays.binarySearch(special, token) >= 0;
  }
}
