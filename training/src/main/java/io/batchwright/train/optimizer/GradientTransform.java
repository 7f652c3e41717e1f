package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.io.Serializable;
import java.util.List;

/**
 * The recipe of one link in a chain that turns gradients into updates. An optimizer is a chain of
 * these, and a fused kernel is held equal to its chain by a test.
 */
public sealed interface GradientTransform extends Serializable
    permits ClipByGlobalNorm,
        ScaleByAdam,
        ScaleByLion,
        ScaleByAdagrad,
        ScaleByTrustRatio,
        ScaleByLayerRate,
        AddDecayedWeights,
        Momentum,
        CustomGradientTransform {

  /**
   * Builds the transform with state that starts at zero.
   *
   * @param parameters the parameters whose updates it will see, in this order
   * @param backend computes
   * @param run the arena that holds its state and scratch
   */
  TransformInstance build(List<Parameter> parameters, Backend backend, Arena run);
}
