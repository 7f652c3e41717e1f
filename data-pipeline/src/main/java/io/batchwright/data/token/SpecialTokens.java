package io.batchwright.data.token;

import java.io.Serializable;
import java.util.List;

/**
 * What a model wants to see around every text, such as {@code [CLS] ... [SEP]}.
 *
 * @param before ids that stand before the text's
 * @param after ids that stand behind them, also where the text was cut
 */
public record SpecialTokens(List<Integer> before, List<Integer> after) implements Serializable {
  /** Nothing is added. */
  public static final SpecialTokens NONE = new SpecialTokens(List.of(), List.of());

  /** Copies both. */
  public SpecialTokens {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /** How many tokens a text becomes longer. */
  public int count() {
    return before.size() + after.size();
  }

  /**
   * The tokens of a text between the special ones. A text that would become longer than {@code
   * maxTokens} loses its end, never the special tokens; one without tokens stays empty.
   *
   * @throws IllegalArgumentException if the special tokens alone are more than {@code maxTokens}
   */
  public int[] around(int[] tokens, int maxTokens) {
    if (maxTokens < count()) {
      throw new IllegalArgumentException(
          "%d tokens have no room for the %d special ones".formatted(maxTokens, count()));
    }
    if (tokens.length == 0) {
      return tokens;
    }
    int kept = Math.min(tokens.length, maxTokens - count());
    int[] all = new int[kept + count()];
    int at = 0;
    for (int id : before) {
      all[at++] = id;
    }
    System.arraycopy(tokens, 0, all, at, kept);
    at += kept;
    for (int id : after) {
      all[at++] = id;
    }
    return all;
  }
}
