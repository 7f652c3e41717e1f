package io.batchwright.train.optimizer;

import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A gradient transform at work. */
public interface TransformInstance {
  /**
   * Changes the updates in place.
   *
   * @param updates one dense tensor for each parameter, in the order given when it was built: the
   *     gradients for the first transform of a chain, the previous one's result for the others
   * @param step the number of this step, from 1
   */
  void apply(List<Tensor> updates, long step);

  /** The state by name, in a fixed order; empty where there is none. */
  default Map<String, Tensor> state() {
    return Map.of();
  }
}
