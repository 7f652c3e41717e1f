package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Normalized discounted cumulated gain of the first {@code k} documents, in [0, 1].
 *
 * <pre>
 * DCG@k  = sum over ranks r = 1..k of gain(r) / log2(r + 1)
 * nDCG@k = DCG@k / DCG@k of the ideal ranking
 * </pre>
 *
 * <p>The gain is the relevance itself, as in trec_eval's {@code ndcg_cut}; negative relevance gains
 * nothing. For binary judgements this equals the {@code 2^rel - 1} gain of Burges et al. (2005);
 * for graded ones it does not, so compare only figures of the same kind.
 *
 * <p><i>Deviations from the paper:</i> the discount is {@code log2(r + 1)} from the first rank on,
 * as everywhere since; the paper leaves the first ranks without a discount.
 *
 * @param k how many documents count, at least 1
 */
@Paper(title = "Cumulated gain-based evaluation of IR techniques (TOIS 2002)", where = "section 2")
public record Ndcg(int k) implements Metric {
  public static final Ndcg PAPER = new Ndcg(10);

  public Ndcg {
    Check.atLeast("Ndcg.k", k, 1);
  }

  @Override
  public String key() {
    return "ndcg" + k;
  }

  @Override
  public String label() {
    return "nDCG@" + k;
  }

  @Override
  public double of(int[] gains, int[] ideal) {
    return discounted(gains) / discounted(ideal);
  }

  private double discounted(int[] gains) {
    double sum = 0;
    for (int i = 0; i < Math.min(k, gains.length); i++) {
      if (gains[i] > 0) {
        sum += gains[i] * Math.log(2) / Math.log(i + 2);
      }
    }
    return sum;
  }
}
