package io.batchwright.train.graph;

import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;

/**
 * Operations of a {@link Graph} on sequences, packed one behind the other: T positions, sequence b
 * from {@code cuSeqlens[b]} on.
 */
public sealed interface SequenceGraph permits Graph {
  /** The graph itself. */
  Graph graph();

  /**
   * Exact scaled dot-product attention within each sequence.
   *
   * @param queries [T, D]
   * @param keys [T, D]
   * @param values [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [T, D]
   */
  default Variable attention(
      Variable queries, Variable keys, Variable values, Tensor cuSeqlens, AttentionForm form) {
    return attention(queries, keys, values, cuSeqlens, form, AttentionDropout.NONE);
  }

  /** {@link #attention(Variable, Variable, Variable, Tensor, AttentionForm)}, with dropout. */
  default Variable attention(
      Variable queries,
      Variable keys,
      Variable values,
      Tensor cuSeqlens,
      AttentionForm form,
      AttentionDropout dropout) {
    return SequenceOperations.attention(graph(), queries, keys, values, cuSeqlens, form, dropout);
  }

  /**
   * Each row with mean 0 and variance 1, then a gain and a bias for each column.
   *
   * @param x [B, D]
   * @param gain [D]
   * @param bias [D]
   * @param epsilon added to the variance
   */
  default Variable layerNorm(Variable x, Variable gain, Variable bias, double epsilon) {
    return SequenceOperations.layerNorm(graph(), x, gain, bias, epsilon);
  }

  /** {@link #layerNorm(Variable, Variable, Variable, double)} of a sum, in one pass over memory. */
  default Variable layerNorm(RowSum x, Variable gain, Variable bias, double epsilon) {
    return SequenceOperations.layerNorm(graph(), x, gain, bias, epsilon);
  }

  /**
   * Sets elements to 0 with this probability and scales the others up.
   *
   * @param x [T, D]
   * @param stream of this use of dropout in this step
   * @param rows [T] (I32) what each row is in the global batch, so that what is dropped does not
   *     depend on how the batch is spread over ranks
   */
  default Variable dropout(Variable x, RandomStream stream, Tensor rows, double probability) {
    return SequenceOperations.dropout(graph(), x, stream, rows, probability);
  }

  /**
   * A row for each token. Only the rows of the tokens are brought up to date and get a gradient.
   *
   * @param table [V, D]
   * @param tokens [T] row numbers (I32)
   * @return [T, D]
   */
  default Variable embedding(Parameter table, Tensor tokens) {
    return SequenceOperations.embedding(graph(), table, tokens);
  }

  /**
   * {@link #segmentMean} and {@link ReductionGraph#l2Normalize} of it, in one pass each way: [T, D]
   * -> [B, D].
   */
  default Variable poolNormalize(Variable x, Tensor cuSeqlens) {
    return SequenceOperations.poolNormalize(graph(), x, cuSeqlens);
  }

  /** The mean row of each sequence: [T, D] -> [B, D]; zero for an empty one. */
  default Variable segmentMean(Variable x, Tensor cuSeqlens) {
    return SequenceOperations.segmentMean(graph(), x, cuSeqlens);
  }
}
