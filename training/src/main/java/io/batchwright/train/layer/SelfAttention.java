package io.batchwright.train.layer;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Each position of a sequence looks at the others: three projections, attention head by head, a
 * fourth projection.
 *
 * @param query [D, D]
 * @param key [D, D]
 * @param value [D, D]
 * @param output [D, D]
 * @param form heads and what a position sees
 */
public record SelfAttention(
    Linear query, Linear key, Linear value, Linear output, AttentionForm form) {

  /** Query, key, value, output; of each the weight and then the bias. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    Stream.of(query, key, value, output).forEach(part -> parameters.addAll(part.parameters()));
    return parameters;
  }

  /**
   * What the heads see; {@link #output} makes the layer's output of it.
   *
   * @param x [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @param place names this use of dropout
   * @return [T, D]
   */
  public Variable heads(Graph graph, Variable x, Tensor cuSeqlens, Dropout dropout, String place) {
    return graph.attention(
        query.apply(graph, x),
        key.apply(graph, x),
        value.apply(graph, x),
        cuSeqlens,
        form,
        dropout.ofAttention(place));
  }
}
