package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Reciprocal rank of the first relevant document, zero where the first {@code k} hold none.
 *
 * @param k how many documents count, at least 1
 */
@Paper(title = "The TREC-8 Question Answering Track Report (1999)", where = "section 3")
public record Mrr(int k) implements Metric {
  public static final Mrr PAPER = new Mrr(10);

  public Mrr {
    Check.atLeast("Mrr.k", k, 1);
  }

  @Override
  public String key() {
    return "mrr" + k;
  }

  @Override
  public String label() {
    return "MRR@" + k;
  }

  @Override
  public double of(int[] gains, int[] ideal) {
    for (int i = 0; i < Math.min(k, gains.length); i++) {
      if (gains[i] > 0) {
        return 1.0 / (i + 1);
      }
    }
    return 0;
  }
}
