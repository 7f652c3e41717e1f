package io.batchwright.kernel.cpu;

import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.SequenceKernels;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;

/** {@link SequenceKernels} of attention and layer norm. */
final class CpuSequences implements SequenceKernels {
  private final CpuAttention attention;
  private final CpuNorms norms;

  CpuSequences(CpuAttention attention, CpuNorms norms) {
    this.attention = attention;
    this.norms = norms;
  }

  @Override
  public void attention(AttentionPass pass, Arena arena) {
    attention.forward(pass, arena);
  }

  @Override
  public void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    attention.backward(pass, dOut, gradients, arena);
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    norms.layerNorm(in, gain, bias, epsilon, statistics, out);
  }

  @Override
  public void layerNormBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias) {
    norms.layerNormBackward(in, gain, statistics, dOut, dIn, dGain, dBias);
  }
}
