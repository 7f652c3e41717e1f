package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;
import java.util.function.Supplier;

/**
 * What happens to a tensor that an operation keeps for its backward function. A hook may compress,
 * move or forget it, and restore it when it is asked for. All that an operation computes and keeps
 * passes through it: results, and statistics of rows. Parameters and the caller's integers (tokens,
 * offsets, masks) do not.
 */
@FunctionalInterface
public interface SavedTensors {
  /** Keeps the tensor as it is. */
  SavedTensors KEEP = tensor -> () -> tensor;

  /**
   * Packs a tensor.
   *
   * @param tensor kept by an operation; read only
   * @return unpacks it; called at most once for each backward function that reads it
   */
  Supplier<Tensor> pack(Tensor tensor);
}
