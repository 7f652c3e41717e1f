package io.batchwright.jobs.bench.negatives;

import java.util.List;

/**
 * How well a guide tells false negatives in steps of a given make-up.
 *
 * @param rightly pairs of a query and another's answer that say the same, and that the guide took
 *     out
 * @param wrongly those it took out though they say something else
 * @param missed those it left in though they say the same
 */
record MaskQuality(long rightly, long wrongly, long missed) {

  /**
   * A training pair.
   *
   * @param query the guide's vector of the question
   * @param answer the guide's vector of the answer
   * @param meaning equal for answers that say the same
   */
  record Pair(float[] query, float[] answer, String meaning) {}

  /**
   * Looks at every query with every other answer of its step.
   *
   * @param margin below the own answer's similarity from which on the guide objects, as in {@code
   *     GistEmbed}
   */
  static MaskQuality of(List<Pair> pairs, int[] order, int stepSize, double margin) {
    long rightly = 0;
    long wrongly = 0;
    long missed = 0;
    for (int from = 0; from + stepSize <= order.length; from += stepSize) {
      for (int i = from; i < from + stepSize; i++) {
        Pair own = pairs.get(order[i]);
        double limit = product(own.query(), own.answer()) - margin;
        for (int j = from; j < from + stepSize; j++) {
          Pair other = pairs.get(order[j]);
          boolean same = own.meaning().equals(other.meaning());
          boolean out = i != j && product(own.query(), other.answer()) > limit;
          rightly += out && same ? 1 : 0;
          wrongly += out && !same ? 1 : 0;
          missed += !out && same && i != j ? 1 : 0;
        }
      }
    }
    return new MaskQuality(rightly, wrongly, missed);
  }

  /** The share of what was taken out that says the same; 0 where nothing was. */
  double precision() {
    return rightly == 0 ? 0 : (double) rightly / (rightly + wrongly);
  }

  /** The share of what says the same that was taken out; 0 where nothing does. */
  double recall() {
    return rightly == 0 ? 0 : (double) rightly / (rightly + missed);
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }
}
