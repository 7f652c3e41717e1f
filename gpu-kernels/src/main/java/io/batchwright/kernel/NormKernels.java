package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;
import java.util.List;

/** Normalization of rows. */
public interface NormKernels {

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
   * The sum of rows and its {@link #layerNorm} in one pass over memory: the same bits as one after
   * the other, but for three addends of BF16, where sums one after the other are rounded twice.
   *
   * @param addends two or three, added in order and rounded once
   * @param gain [D]
   * @param bias [D]
   * @param epsilon added to the variance, under the root
   * @param sum [B, D], what {@link #layerNormBackward} takes as its input
   * @param statistics [B, 2] of the sum, as {@link #layerNorm} gives them
   * @param out [B, D]
   */
  void addLayerNorm(
      List<Addend> addends,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor sum,
      Tensor statistics,
      Tensor out);

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
