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

  /**
   * Each row gets mean 0 and variance 1, then a gain and a bias for each column.
   *
   * @param in [B, D]
   * @param gain [D]
   * @param bias [D]
   * @param epsilon added to the variance, under the root
   * @param statistics [B, 2]: mean and {@code 1 / sqrt(variance + epsilon)}, for the way back
   * @param out [B, D]
   */
  void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out);

  /**
   * The gradients of {@link #layerNorm}.
   *
   * @param in [B, D]
   * @param gain [D]
   * @param statistics [B, 2] as the forward call made them
   * @param dOut [B, D]
   * @param dIn [B, D], overwritten
   * @param dGain [D], overwritten
   * @param dBias [D], overwritten
   */
  void layerNormBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias);
}
