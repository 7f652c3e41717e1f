package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

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
