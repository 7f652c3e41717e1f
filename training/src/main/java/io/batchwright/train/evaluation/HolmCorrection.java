package io.batchwright.train.evaluation;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * p-values of several comparisons, corrected for their number so that the chance of any false one
 * stays at the level asked for: the k-th smallest of m counts {@code m - k + 1} times, and none
 * counts less than a smaller one (Holm, 1979).
 */
public final class HolmCorrection {
  private HolmCorrection() {}

  /**
   * The corrected values, parallel to {@code p}.
   *
   * @param p in [0, 1]
   */
  public static double[] adjusted(double[] p) {
    int[] ascending =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[p.length];
    double least = 0;
    for (int k = 0; k < ascending.length; k++) {
      least = Math.max(least, Math.min(1, (ascending.length - k) * p[ascending[k]]));
      adjusted[ascending[k]] = least;
    }
    return adjusted;
  }
}
