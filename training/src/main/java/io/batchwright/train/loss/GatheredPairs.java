package io.batchwright.train.loss;

import io.batchwright.train.graph.Variable;

/**
 * The pairs of the whole global batch, in the order of the ranks. Each column is gathered on its
 * own, never interleaved.
 *
 * @param queries [N, D] embeddings of all ranks
 * @param positives [N, D] embeddings of all ranks
 * @param positiveIds [N] identity of each positive text: equal ids are the same text
 * @param equalHashes [N] groups of pairs that must not be negatives of each other (the column
 *     {@code equal_hash} of the samples table)
 */
public record GatheredPairs(
    Variable queries, Variable positives, long[] positiveIds, long[] equalHashes) {
  /**
   * Checks that all columns have N rows.
   *
   * @throws IllegalArgumentException if they do not
   */
  public GatheredPairs {
    int rows = queries.shape().dim(0);
    if (positives.shape().dim(0) != rows
        || positiveIds.length != rows
        || equalHashes.length != rows) {
      throw new IllegalArgumentException(
          "gathered columns differ in length: %d queries, %d positives, %d ids, %d hashes"
              .formatted(rows, positives.shape().dim(0), positiveIds.length, equalHashes.length));
    }
  }

  /** The global number of pairs, N. */
  public int count() {
    return positiveIds.length;
  }
}
