package io.batchwright.kernel;

/**
 * What kind of attention is computed.
 *
 * @param heads H, at least 1; it divides the width D, and head h has the columns from {@code h * D
 *     / H} to before {@code (h + 1) * D / H}
 * @param causal whether a position sees only itself and what stands before it in its sequence
 */
public record AttentionForm(int heads, boolean causal) {
  /**
   * Checks the number of heads.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public AttentionForm {
    if (heads < 1) {
      throw new IllegalArgumentException("AttentionForm.heads must be at least 1, got " + heads);
    }
  }
}
