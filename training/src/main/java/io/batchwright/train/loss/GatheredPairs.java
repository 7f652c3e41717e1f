package io.batchwright.train.loss;

import io.batchwright.train.graph.Variable;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The pairs of the whole global batch, in the order of the ranks. Each column is gathered on its
 * own, never interleaved.
 *
 * @param queries [N, D] embeddings of all ranks
 * @param positives [N, D] embeddings of all ranks
 * @param positiveIds [N] identity of each positive text: equal ids are the same text
 * @param equalHashes [N] groups of pairs that must not be negatives of each other (the column
 *     {@code equal_hash} of the samples table)
 * @param answers what answers the queries besides their own positives
 * @param negatives the mined negatives of all pairs, where the samples have any
 * @param teaching what other models say of the same texts
 */
public record GatheredPairs(
    Variable queries,
    Variable positives,
    long[] positiveIds,
    long[] equalHashes,
    KnownAnswers answers,
    Optional<GatheredNegatives> negatives,
    Teaching teaching) {
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
    answers.requirePairs(rows);
    negatives.ifPresent(mined -> mined.requireOwnersBelow(rows));
    teaching.requireSizes(rows, negatives.map(GatheredNegatives::count).orElse(0));
  }

  /** Pairs alone, without mined negatives and without a teacher. */
  public GatheredPairs(
      Variable queries, Variable positives, long[] positiveIds, long[] equalHashes) {
    this(
        queries,
        positives,
        positiveIds,
        equalHashes,
        KnownAnswers.NONE,
        Optional.empty(),
        Teaching.NONE);
  }

  /** The same pairs with each column of embeddings replaced by a function of it. */
  public GatheredPairs map(UnaryOperator<Variable> function) {
    return new GatheredPairs(
        function.apply(queries),
        function.apply(positives),
        positiveIds,
        equalHashes,
        answers,
        negatives.map(mined -> mined.map(function)),
        teaching);
  }

  /** The global number of pairs, N. */
  public int count() {
    return positiveIds.length;
  }
}
