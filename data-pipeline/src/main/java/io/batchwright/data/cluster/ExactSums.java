package io.batchwright.data.cluster;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Sums of vectors by cluster that come out the same in any order: numbers are rounded to multiples
 * of one power of two, small enough for the largest sum to fit 62 bits, and added as integers.
 *
 * <p>The step is at most {@code 2^-61 rows largest}, far below the last bit of a float32 of the
 * largest size unless there are more than 2^37 rows.
 */
final class ExactSums implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BITS = 62;

  private final int dims;
  private final double perUnit;
  private final long[] sums;
  private final long[] counts;

  private ExactSums(int clusters, int dims, double perUnit) {
    this.dims = dims;
    this.perUnit = perUnit;
    this.sums = new long[Math.multiplyExact(clusters, dims)];
    this.counts = new long[clusters];
  }

  /**
   * No vectors yet.
   *
   * @param rows vectors of all sums together, at most
   * @param largest absolute value of a number
   */
  static ExactSums zero(int clusters, int dims, long rows, double largest) {
    int bits =
        largest == 0 ? 0 : Math.getExponent(largest) + 1 + 64 - Long.numberOfLeadingZeros(rows);
    return new ExactSums(clusters, dims, Math.scalb(1.0, Math.min(900, BITS - bits)));
  }

  void add(int cluster, float[] vector) {
    if (vector.length != dims) {
      throw new IllegalArgumentException(
          "vectors have %d and %d dims".formatted(dims, vector.length));
    }
    int at = cluster * dims;
    for (int d = 0; d < dims; d++) {
      sums[at + d] += (long) Math.rint(vector[d] * perUnit);
    }
    counts[cluster]++;
  }

  /** Adds another's sums to this one's. */
  ExactSums plus(ExactSums other) {
    Arrays.setAll(sums, i -> sums[i] + other.sums[i]);
    Arrays.setAll(counts, i -> counts[i] + other.counts[i]);
    return this;
  }

  /** The mean of each cluster, or its old centre where it has no vector. */
  float[][] means(float[][] old) {
    float[][] means = new float[counts.length][];
    for (int c = 0; c < means.length; c++) {
      means[c] = counts[c] == 0 ? old[c].clone() : new float[dims];
      for (int d = 0; counts[c] > 0 && d < dims; d++) {
        means[c][d] = (float) (sums[c * dims + d] / perUnit / counts[c]);
      }
    }
    return means;
  }
}
