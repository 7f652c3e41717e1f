package io.batchwright.kernel;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/**
 * The state of AdamW for one parameter.
 *
 * @param first running mean of gradients, shape and type of the parameter; starts at zeros
 * @param second running mean of squared gradients, likewise
 * @param lastStep I32 [V]: for each row the step up to which it has been updated, starts at zeros;
 *     null unless rows are caught up lazily
 */
public record Moments(Tensor first, Tensor second, Tensor lastStep) {

  /** Checks that the parts fit each other. */
  public Moments {
    if (!first.shape().equals(second.shape()) || first.dtype() != second.dtype()) {
      throw new IllegalArgumentException("Moments: " + first + " and " + second + " differ");
    }
    if (lastStep != null
        && (lastStep.dtype() != DType.I32
            || first.shape().rank() != 2
            || lastStep.elements() != first.shape().dim(0))) {
      throw new IllegalArgumentException(
          "Moments.lastStep must be I32 [V] beside moments [V, D], got " + lastStep + ", " + first);
    }
  }

  /** Moments without a memory of each row's last step. */
  public Moments(Tensor first, Tensor second) {
    this(first, second, null);
  }
}
