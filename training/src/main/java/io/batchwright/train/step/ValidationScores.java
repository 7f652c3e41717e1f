package io.batchwright.train.step;

import java.io.Serializable;

/**
 * What a validation measured; NaN is what it did not.
 *
 * @param loss mean over all validation batches, in nats
 * @param ndcg10 of the mini-corpus, mean over its queries
 * @param mrr10 mean reciprocal rank, 0 beyond the tenth
 * @param recall10 share of queries whose answer is among the first ten
 * @param perplexity of a language model: the exponential of its loss
 */
public record ValidationScores(
    double loss, double ndcg10, double mrr10, double recall10, double perplexity)
    implements Serializable {
  /** Nothing was measured. */
  public static final ValidationScores NONE =
      new ValidationScores(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  /** Scores of pairs. */
  public ValidationScores(double loss, double ndcg10, double mrr10, double recall10) {
    this(loss, ndcg10, mrr10, recall10, Double.NaN);
  }

  /** Scores of a language model. */
  static ValidationScores ofTokens(double loss) {
    return new ValidationScores(loss, Double.NaN, Double.NaN, Double.NaN, Math.exp(loss));
  }
}
