package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * The two parameters of Okapi BM25.
 *
 * <pre>
 * score(q, d) = sum over terms t of q of
 *     idf(t) * tf / (tf + k1 * (1 - b + b * length(d) / average length))
 * idf(t) = ln(1 + (N - df(t) + 0.5) / (df(t) + 0.5))
 * </pre>
 *
 * <p><i>Deviations from the paper:</i> as in Lucene 9, the idf has {@code 1 +} so that it is never
 * negative, the constant factor {@code k1 + 1} is left out, and document lengths are kept in one
 * byte. None changes the ranking of a query but the last, slightly.
 *
 * @param k1 term frequency saturation, at least 0
 * @param b length normalization, in [0, 1]
 */
@Paper(title = "Okapi at TREC-3 (1994)", where = "section 3")
public record Bm25(double k1, double b) {
  public static final Bm25 PAPER = new Bm25(1.2, 0.75);

  public Bm25 {
    Check.atLeast("Bm25.k1", k1, 0);
    Check.range("Bm25.b", b, 0, true, 1, true);
  }
}
