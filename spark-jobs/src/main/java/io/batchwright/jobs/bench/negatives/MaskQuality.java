package io.batchwright.jobs.bench.negatives;

import java.util.List;

/**
 * How well a guide tells false negatives in steps of a given make-up: of all pairs of a query and
 * another's answer, those it took out and those it left in.
 *
 * @param equalOut answers with the text of the query's own that were taken out
 * @param equalIn those left in
 * @param copiesOut answers that say the same in another text that were taken out
 * @param copiesIn those left in
 * @param wrongly taken out though they say something else
 */
record MaskQuality(long equalOut, long equalIn, long copiesOut, long copiesIn, long wrongly) {

  /**
   * A training pair.
   *
   * @param query the guide's vector of the question
   * @param answer the guide's vector of the answer
   * @param says what the answer says
   */
  record Pair(float[] query, float[] answer, MedquadData.Answer says) {}

  /**
   * Looks at every query with every other answer of its step.
   *
   * @param margin below the own answer's similarity from which on the guide objects, as in {@code
   *     GistEmbed}
   */
  static MaskQuality of(List<Pair> pairs, int[] order, int stepSize, double margin) {
    long[] equal = new long[2];
    long[] copies = new long[2];
    long wrongly = 0;
    for (int from = 0; from + stepSize <= order.length; from += stepSize) {
      for (int i = from; i < from + stepSize; i++) {
        Pair own = pairs.get(order[i]);
        double limit = product(own.query(), own.answer()) - margin;
        for (int j = from; j < from + stepSize; j++) {
          if (i == j) {
            continue;
          }
          Pair other = pairs.get(order[j]);
          boolean out = product(own.query(), other.answer()) > limit;
          if (own.says().text().equals(other.says().text())) {
            equal[out ? 0 : 1]++;
          } else if (own.says().meaning().equals(other.says().meaning())) {
            copies[out ? 0 : 1]++;
          } else {
            wrongly += out ? 1 : 0;
          }
        }
      }
    }
    return new MaskQuality(equal[0], equal[1], copies[0], copies[1], wrongly);
  }

  /** Pairs that were taken out. */
  long out() {
    return equalOut + copiesOut + wrongly;
  }

  /** The share of what was taken out that says the same; NaN where nothing was. */
  double precision() {
    return share(equalOut + copiesOut, wrongly);
  }

  /** The share of equal texts that was taken out; NaN where there are none. */
  double recallOfEqual() {
    return share(equalOut, equalIn);
  }

  /** The share of copies that was taken out; NaN where there are none. */
  double recallOfCopies() {
    return share(copiesOut, copiesIn);
  }

  private static double share(long some, long others) {
    return some + others == 0 ? Double.NaN : (double) some / (some + others);
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }
}
