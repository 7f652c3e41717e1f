package io.batchwright.train.layer;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.function.BiFunction;

/** What becomes of the inner results of a model's layers until the way back needs them. */
public enum Activations {
  /** They are kept: the fastest. */
  KEPT {
    @Override
    public Variable through(
        Graph graph, String name, Variable x, BiFunction<Graph, Variable, Variable> layer) {
      return layer.apply(graph, x);
    }
  },
  /**
   * They are computed again: a third more work for the memory of one layer instead of all; the
   * gradients are the same bits where nothing but the layer reads its input.
   */
  RECOMPUTED {
    @Override
    public Variable through(
        Graph graph, String name, Variable x, BiFunction<Graph, Variable, Variable> layer) {
      return graph.recompute(name, x, layer);
    }
  };

  /**
   * A layer's output.
   *
   * @param name of the layer, for messages
   * @param x its input
   * @param layer gets a graph and the input in it; the same result at every call
   */
  public abstract Variable through(
      Graph graph, String name, Variable x, BiFunction<Graph, Variable, Variable> layer);
}
