package io.batchwright.train.model;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Dropout;
import io.batchwright.train.layer.FeedForward;
import io.batchwright.train.layer.SelfAttention;
import io.batchwright.train.norm.NormalizationLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer of a transformer that normalizes before each part, as GPT-2 does: the sum itself is never
 * normalized, so gradients reach the first layer undiminished.
 *
 * <pre>
 * y = x + dropout(attention(norm1(x)))
 * z = y + dropout(feedForward(norm2(y)))
 * </pre>
 *
 * @param name names the layer's uses of dropout
 */
record DecoderLayer(
    String name,
    NormalizationLayer norm1,
    SelfAttention attention,
    NormalizationLayer norm2,
    FeedForward feedForward) {

  /** In the order of their use. */
  List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(norm1.parameters());
    parameters.addAll(attention.parameters());
    parameters.addAll(norm2.parameters());
    parameters.addAll(feedForward.parameters());
    return parameters;
  }

  /**
   * The layer's output.
   *
   * @param x [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [T, D]
   */
  Variable apply(Graph graph, Variable x, Tensor cuSeqlens, Dropout dropout) {
    Variable seen =
        attention.heads(
            graph, norm1.apply(graph, x), cuSeqlens, dropout, name + ".attention.weights");
    RowSum y = attention.output().applyOnto(graph, x, seen, dropout, name + ".attention");
    Variable normal = norm2.apply(graph, y);
    return feedForward.applyOnto(graph, y.variable(), normal, dropout, name + ".output").variable();
  }
}
