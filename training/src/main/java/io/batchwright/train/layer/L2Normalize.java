package io.batchwright.train.layer;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/** Scales each row to unit length; a zero row stays zero and passes no gradient. */
public record L2Normalize() {
  /**
   * The layer's output.
   *
   * @param x [B, D]
   * @return [B, D] unit-length rows
   */
  public Variable apply(Graph graph, Variable x) {
    return graph.l2Normalize(x);
  }
}
