package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;
import java.util.List;

/** Operations of a {@link Graph} on whole rows. */
public sealed interface RowGraph permits Graph {
  /** The graph itself. */
  Graph graph();

  /**
   * The mean row of each bag of tokens. Only the rows of the tokens are brought up to date and get
   * a gradient.
   *
   * @param table [V, D]
   * @param tokens [T] row numbers (I32)
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [B, D]; zero for an empty bag
   */
  default Variable embeddingBagMean(Parameter table, Tensor tokens, Tensor cuSeqlens) {
    return RowOperations.embeddingBagMean(graph(), table, tokens, cuSeqlens);
  }

  /** {@code x[rows[i]]}: [V, D] and rows I32 [N] -> [N, D]; rows may repeat. */
  default Variable gatherRows(Variable x, Tensor rows) {
    return RowOperations.gather(graph(), x, rows);
  }

  /** The rows from {@code from} (included) to {@code to} (excluded). */
  default Variable sliceRows(Variable x, int from, int to) {
    return RowOperations.slice(graph(), x, from, to);
  }

  /** The columns from {@code from} (included) to {@code to} (excluded) of [B, D]. */
  default Variable sliceColumns(Variable x, int from, int to) {
    return graph().transpose(sliceRows(graph().transpose(x), from, to));
  }

  /** One after the other along the first dim. */
  default Variable concatRows(List<Variable> parts) {
    return RowOperations.concat(graph(), parts);
  }

  /** One beside the other: parts [B, N_k] -> [B, sum of N_k]. */
  default Variable concatColumns(List<Variable> parts) {
    return graph().transpose(concatRows(parts.stream().map(graph()::transpose).toList()));
  }

  /** {@code x[i, columns[i]]}: [B, N] and columns I32 [B] -> [B]. */
  default Variable pick(Variable x, Tensor columns) {
    return RowOperations.pick(graph(), x, columns);
  }
}
