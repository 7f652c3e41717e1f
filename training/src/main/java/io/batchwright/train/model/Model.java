package io.batchwright.train.model;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import java.io.Serializable;

/** The recipe of a text encoder; it builds the encoder itself, with its parameters. */
public sealed interface Model extends Serializable permits StaticEmbedding, CustomModel {

  /** The length of the vectors it produces, D. */
  int dims();

  /**
   * Builds the encoder with freshly drawn parameters.
   *
   * @param vocabularySize the number of token ids, V
   * @param backend computes
   * @param run the arena that holds the parameters
   * @param dtype F32, or F64 for checks
   * @param random the stream of initial values; a value depends on the stream and its position only
   */
  ModelInstance build(
      int vocabularySize, Backend backend, Arena run, DType dtype, RandomStream random);

  /** {@link #build(int, Backend, Arena, DType, RandomStream)} in F32. */
  default ModelInstance build(int vocabularySize, Backend backend, Arena run, RandomStream random) {
    return build(vocabularySize, backend, run, DType.F32, random);
  }
}
