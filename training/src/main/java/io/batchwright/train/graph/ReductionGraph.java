package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;

/** Sums of a {@link Graph}, and what is built on them. */
public sealed interface ReductionGraph permits Graph {
  /** The graph itself. */
  Graph graph();

  /** The sum of all elements, a scalar; 0 where there are none. */
  default Variable sum(Variable x) {
    return ReductionOperations.sum(graph(), x);
  }

  /** The mean of all elements, a scalar; there must be at least one. */
  default Variable mean(Variable x) {
    return graph().scale(sum(x), 1.0 / x.shape().elements());
  }

  /** The sum of each row: [..., C] -> [..., 1]. */
  default Variable sumRows(Variable x) {
    return ReductionOperations.sumRows(graph(), x);
  }

  /** The mean of each row: [..., C] -> [..., 1]. */
  default Variable meanRows(Variable x) {
    return graph().scale(sumRows(x), 1.0 / x.shape().columns());
  }

  /**
   * {@code exp(scores[i, j]) / sum over j of exp(scores[i, j])} of each row.
   *
   * @param scores [B, N]
   * @param mask null, or I32 [B, N] where 0 gives a score the probability 0
   * @return [B, N]; zeros for a row whose scores are all out
   */
  default Variable softmaxRows(Variable scores, Tensor mask) {
    return ReductionOperations.softmaxRows(graph(), scores, mask);
  }

  /**
   * {@code log sum over j of exp(scores[i, j])} of each row.
   *
   * @param scores [B, N]
   * @param mask null, or I32 [B, N] where 0 takes a score out of the sum
   * @return [B]; minus infinity for a row whose scores are all out
   */
  default Variable logSumExpRows(Variable scores, Tensor mask) {
    return ReductionOperations.logSumExpRows(graph(), scores, mask);
  }

  /** Each row scaled to unit length: [B, D] -> [B, D]; a zero row stays zero. */
  default Variable l2Normalize(Variable x) {
    return ReductionOperations.l2Normalize(graph(), x);
  }
}
