package io.batchwright.train.evaluation;

import java.io.Serializable;

/**
 * Scores one query's ranking against its judgements, by trec_eval's definitions.
 *
 * <p>A member is a record of its cutoff. The mean over queries is {@link Evaluator}'s.
 */
public sealed interface Metric extends Serializable permits Ndcg, Mrr, RecallAtK, CustomMetric {
  /** The name in run.json and in tables, such as {@code ndcg10}. */
  String key();

  /** The name for readers, such as {@code nDCG@10}. */
  String label();

  /**
   * The value for one query.
   *
   * @param gains relevance of each returned document in rank order; zero where not judged
   * @param ideal the query's positive relevances, greatest first; never empty
   * @return a value in [0, 1]
   */
  double of(int[] gains, int[] ideal);
}
