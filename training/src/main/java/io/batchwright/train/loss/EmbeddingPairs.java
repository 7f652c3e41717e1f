package io.batchwright.train.loss;

import io.batchwright.train.graph.Variable;
import java.util.function.UnaryOperator;

/**
 * What a contrastive loss reads on one rank.
 *
 * <p>Pair {@code i} of this rank is pair {@code rowOffset + i} of the global batch. The gathered
 * variables must let the gradient flow back to the ranks that own the rows; on a single rank they
 * are the local variables themselves.
 *
 * @param queries [b, D] this rank's query embeddings; b may be 0
 * @param positives [b, D] this rank's positive embeddings
 * @param rowOffset the global position of this rank's first pair
 * @param gathered the pairs of all ranks
 */
public record EmbeddingPairs(
    Variable queries, Variable positives, int rowOffset, GatheredPairs gathered) {
  /**
   * Checks that the local rows lie inside of the gathered ones.
   *
   * @throws IllegalArgumentException if they do not
   */
  public EmbeddingPairs {
    int rows = queries.shape().dim(0);
    if (positives.shape().dim(0) != rows || rowOffset < 0 || rowOffset + rows > gathered.count()) {
      throw new IllegalArgumentException(
          "%d queries and %d positives at offset %d do not fit into %d gathered pairs"
              .formatted(rows, positives.shape().dim(0), rowOffset, gathered.count()));
    }
  }

  /** The pairs of a run with a single rank. */
  public static EmbeddingPairs singleRank(
      Variable queries, Variable positives, long[] positiveIds, long[] equalHashes) {
    return new EmbeddingPairs(
        queries, positives, 0, new GatheredPairs(queries, positives, positiveIds, equalHashes));
  }

  /** The same pairs with each column of embeddings replaced by a function of it. */
  public EmbeddingPairs map(UnaryOperator<Variable> function) {
    return new EmbeddingPairs(
        function.apply(queries), function.apply(positives), rowOffset, gathered.map(function));
  }

  /** The number of pairs of this rank, b. */
  public int count() {
    return queries.shape().dim(0);
  }
}
