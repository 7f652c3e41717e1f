package io.batchwright.train.model;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.List;

/** A text encoder with parameters. */
public interface ModelInstance {
  /** All parameters, in the fixed order that reductions and checkpoints follow. */
  List<Parameter> parameters();

  /** The length of the vectors, D. */
  int dims();

  /**
   * Encodes a batch.
   *
   * @param graph records the operations
   * @param batch B texts; B may be 0
   * @param pass what the vectors are for
   * @return [B, D] unit-length vectors; an empty text has the zero vector
   */
  Variable encode(Graph graph, TextBatch batch, ForwardPass pass);
}
