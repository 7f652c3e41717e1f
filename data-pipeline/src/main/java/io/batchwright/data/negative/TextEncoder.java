package io.batchwright.data.negative;

import java.util.List;

/** Turns texts into vectors. The training module implements it, so that mining can use a model. */
public interface TextEncoder extends AutoCloseable {
  /** The length of a vector. */
  int dims();

  /**
   * Encodes texts, in their order.
   *
   * @return [texts, dims] unit-length embeddings; a text without tokens gives a vector of zeros
   */
  float[][] encode(List<String> texts);

  @Override
  void close();
}
