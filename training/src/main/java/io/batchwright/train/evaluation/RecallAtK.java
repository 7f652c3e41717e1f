package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * The share of a query's relevant documents that stand among the first {@code k}.
 *
 * <p>With more than {@code k} relevant documents it cannot reach 1, as in trec_eval.
 *
 * @param k how many documents count, at least 1
 */
@Paper(title = "The Cranfield tests on index language devices (1967)", where = "section 3")
public record RecallAtK(int k) implements Metric {
  public static final RecallAtK PAPER = new RecallAtK(100);

  public RecallAtK {
    Check.atLeast("RecallAtK.k", k, 1);
  }

  @Override
  public String key() {
    return "recall" + k;
  }

  @Override
  public String label() {
    return "Recall@" + k;
  }

  @Override
  public double of(int[] gains, int[] ideal) {
    int found = 0;
    for (int i = 0; i < Math.min(k, gains.length); i++) {
      found += gains[i] > 0 ? 1 : 0;
    }
    return (double) found / ideal.length;
  }
}
