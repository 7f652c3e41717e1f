package io.batchwright.train.layer;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
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
   * The layer's output, with dropout, added to a residual.
   *
   * @param residual [T, D]
   * @param x [T, D]
   * @param place names this use of dropout
   * @return [T, D]
   */
  public RowSum applyOnto(
      Graph graph, Variable residual, Variable x, Dropout dropout, String place) {
    return down.applyOnto(graph, residual, up.applyGelu(graph, x), dropout, place);
  }
}
