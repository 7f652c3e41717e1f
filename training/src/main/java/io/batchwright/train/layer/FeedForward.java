package io.batchwright.train.layer;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * Two linear layers with the exact GELU between them, position by position.
 *
 * @param up [F, D]
 * @param down [D, F]
 */
public record FeedForward(Linear up, Linear down) {
  /** Those of {@code up}, then of {@code down}. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(up.parameters());
    parameters.addAll(down.parameters());
    return parameters;
  }

  /**
   * The layer's output.
   *
   * @param x [T, D]
   * @return [T, D]
   */
  public Variable apply(Graph graph, Variable x) {
    return down.apply(graph, graph.gelu(up.apply(graph, x)));
  }
}
