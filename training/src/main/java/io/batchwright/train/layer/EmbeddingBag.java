package io.batchwright.train.layer;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;

/**
 * A table of vectors whose output for a text is the mean of its tokens' rows; the gradient is
 * row-sparse.
 *
 * @param weight [V, D] the table
 */
public record EmbeddingBag(Parameter weight) {
  /** The length of a row, D. */
  public int dims() {
    return weight.storage().shape().dim(1);
  }

  /**
   * The mean row of each text.
   *
   * @param tokens [T] token ids (I32)
   * @param cuSeqlens [B + 1] offsets of the texts
   * @return [B, D]; the zero vector for an empty text
   */
  public Variable apply(Graph graph, Tensor tokens, Tensor cuSeqlens) {
    return graph.embeddingBagMean(weight, tokens, cuSeqlens);
  }
}
