package io.batchwright.kernel;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;

/**
 * Operations on sequences that lie packed one behind the other, without padding: T positions in
 * all, sequence b from {@code cuSeqlens[b]} to before {@code cuSeqlens[b + 1]}.
 */
public interface SequenceKernels {

  /**
   * Exact scaled dot-product attention within each sequence (Vaswani et al., 1706.03762, equation
   * 1), head by head.
   *
   * <pre>
   * s[i, j] = q[i] . k[j] / sqrt(D / H)      out[i] = sum over j of softmax(s[i])[j] * v[j]
   * </pre>
   *
   * <p>With dropout the sum runs over {@code kept[j] / (1 - probability) * softmax(s[i])[j] *
   * v[j]}. Scores are held for some queries at a time only.
   *
   * @param pass arguments and results; {@code out} and {@code logSums} ({@code log sum over j of
   *     exp(s[i, j])} of each head, for the way back) are overwritten
   * @param arena where working memory is taken from
   */
  void attention(AttentionPass pass, Arena arena);

  /**
   * The gradients of {@link #attention}; probabilities are computed again from {@code logSums}.
   *
   * @param pass as the forward call left it
   * @param dOut [T, D]
   * @param gradients [T, D] each, overwritten
   * @param arena where working memory is taken from
   */
  void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena);
}
