package io.batchwright.train.norm;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import java.io.Serializable;

/** The recipe of a layer that keeps activations in a fixed range. */
public sealed interface Normalization extends Serializable permits LayerNorm, CustomNormalization {

  /**
   * Builds the layer with its initial parameters.
   *
   * @param name prefix of the parameters' names
   * @param dims the length of a row, D
   * @param dtype of the parameters
   * @param run the arena that holds them
   */
  NormalizationLayer build(String name, int dims, DType dtype, Arena run);
}
