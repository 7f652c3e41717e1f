package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/** Where {@link SequenceKernels#attentionBackward} writes: [T, D] each. */
public record AttentionGradients(Tensor dQueries, Tensor dKeys, Tensor dValues) {

  /** The same in F32, where tensors are of BF16. */
  public AttentionGradients widened(Widened wide) {
    return new AttentionGradients(wide.out(dQueries), wide.out(dKeys), wide.out(dValues));
  }
}
