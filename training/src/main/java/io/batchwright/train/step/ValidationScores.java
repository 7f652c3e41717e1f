package io.batchwright.train.step;

import java.io.Serializable;

/**
 * What a validation measured; NaN is what it did not.
 *
 * @param loss mean over all validation batches, in nats
 * @param ndcg10 of the mini-corpus, mean over its queries
 * @param mrr10 mean reciprocal rank, 0 beyond the tenth
 * @param recall10 share of queries whose answer is among the first ten
 */
public record ValidationScores(double loss, double ndcg10, double mrr10, double recall10)
    implements Serializable {
  /** Nothing was measured. */
  public static final ValidationScores NONE =
      new ValidationScores(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
}
