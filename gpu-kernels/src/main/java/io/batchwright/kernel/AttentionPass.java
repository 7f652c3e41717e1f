package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/**
 * One call of {@link SequenceKernels#attention}.
 *
 * @param queries [T, D]
 * @param keys [T, D]
 * @param values [T, D]
 * @param cuSeqlens I32 [B + 1], rising from 0 to T; equal neighbours are an empty sequence
 * @param form heads and what a position sees
 * @param dropout what is lost of the probabilities
 * @param out [T, D]
 * @param logSums [T, H]
 */
public record AttentionPass(
    Tensor queries,
    Tensor keys,
    Tensor values,
    Tensor cuSeqlens,
    AttentionForm form,
    AttentionDropout dropout,
    Tensor out,
    Tensor logSums) {

  /** The same in F32, where tensors are of BF16. */
  public AttentionPass widened(Widened wide) {
    return new AttentionPass(
        wide.in(queries),
        wide.in(keys),
        wide.in(values),
        cuSeqlens,
        form,
        dropout,
        wide.out(out),
        logSums);
  }
}
