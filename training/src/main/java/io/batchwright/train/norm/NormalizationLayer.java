package io.batchwright.train.norm;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
import io.batchwright.train.graph.Variable;
import java.util.List;

/** A normalization with its parameters. */
public interface NormalizationLayer {
  /** Its parameters, in a fixed order; none has weight decay. */
  List<Parameter> parameters();

  /**
   * The layer's output.
   *
   * @param x [B, D]
   * @return [B, D]
   */
  Variable apply(Graph graph, Variable x);

  /**
   * The layer's output for a sum, which it may compute in its own pass over memory.
   *
   * @param x [B, D]
   * @return [B, D]
   */
  default Variable apply(Graph graph, RowSum x) {
    return apply(graph, x.variable());
  }
}
