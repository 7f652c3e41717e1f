package io.batchwright.jobs.mine;

import io.batchwright.technique.Check;
import io.batchwright.train.evaluation.Bm25;
import io.batchwright.train.evaluation.TextAnalysis;
import java.io.Serializable;

/**
 * BM25 as a miner or a teacher, which needs no model.
 *
 * @param use what for
 * @param analysis how texts become terms: prose, or code, which splits identifiers
 * @param k1 term frequency saturation, at least 0
 * @param b length normalization, in [0, 1]
 */
public record Bm25Recipe(Bm25Use use, TextAnalysis analysis, double k1, double b)
    implements Serializable {
  /** Not used; prose, with Lucene's parameters. */
  public static final Bm25Recipe DEFAULTS =
      new Bm25Recipe(Bm25Use.NONE, TextAnalysis.PROSE, Bm25.PAPER.k1(), Bm25.PAPER.b());

  /** Checks the ranges. */
  public Bm25Recipe {
    Check.atLeast("Bm25Recipe.k1", k1, 0);
    Check.range("Bm25Recipe.b", b, 0, true, 1, true);
  }

  Bm25 parameters() {
    return new Bm25(k1, b);
  }
}
