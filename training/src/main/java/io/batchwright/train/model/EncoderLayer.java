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
 * A layer of a transformer that normalizes after each sum, as the first transformer and BERT do.
 *
 * <pre>
 * y = norm1(x + dropout(attention(x)))      weights of attention have their own dropout
 * z = norm2(y + dropout(feedForward(y)))
 * </pre>
 *
 * @param name names the layer's uses of dropout
 */
record EncoderLayer(
    String name,
    SelfAttention attention,
    NormalizationLayer norm1,
    FeedForward feedForward,
    NormalizationLayer norm2) {

  /** In the order of their use. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(attention.parameters());
    parameters.addAll(norm1.parameters());
    parameters.addAll(feedForward.parameters());
    parameters.addAll(norm2.parameters());
    return parameters;
  }

  /**
   * The layer's output.
   *
   * @param x [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [T, D]
   */
  public Variable apply(Graph graph, Variable x, Tensor cuSeqlens, Dropout dropout) {
    Variable seen = attention.heads(graph, x, cuSeqlens, dropout, name + ".attention.weights");
    RowSum mixed = attention.output().applyOnto(graph, x, seen, dropout, name + ".attention");
    Variable y = norm1.apply(graph, mixed);
    return norm2.apply(graph, feedForward.applyOnto(graph, y, y, dropout, name + ".output"));
  }
}
