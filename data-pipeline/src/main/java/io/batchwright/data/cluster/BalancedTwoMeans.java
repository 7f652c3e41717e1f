package io.batchwright.data.cluster;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Clusters of equal size: every cluster is cut exactly in half, level after level, until there are
 * enough.
 *
 * <pre>
 * two random members are the first centroids; then, until the mean similarity to the own centroid
 * grows by less than tolerance:
 *   halves = members sorted by (x . c_1 - x . c_0), cut in the middle
 *   c      = mean of each half, scaled to unit length
 * </pre>
 *
 * on vectors scaled to unit length. The number of clusters is rounded up to a power of two, so the
 * real mean size may be little more than half of the nominal one; {@link #clustersFor} says it
 * beforehand. Sizes differ by at most one within a level. The result depends on the vectors and the
 * key alone, on any number of threads.
 *
 * <p>Holds N vectors in memory and works on all cores; a level costs about ten rounds of 2 N D
 * operations.
 *
 * <p><b>Deviations from the paper.</b> Rounds are bounded. Equal differences are cut by the order
 * of the vectors.
 *
 * @param tolerance the growth at which a cut is final, above 0
 * @param maximumRounds of one cut, at least 1
 */
@Paper(
    title = "NGAME: Negative Mining-aware Mini-batching for Extreme Classification",
    arxiv = "2207.04452",
    where = "balanced hierarchical 2-means of the authors' code")
public record BalancedTwoMeans(double tolerance, int maximumRounds) implements Serializable {
  /** Growth 1e-4, as the authors' code. */
  public static final BalancedTwoMeans PAPER = new BalancedTwoMeans(1e-4, 100);

  private static final int PARALLEL_ROWS = 1 << 14;

  /** Checks the ranges. */
  public BalancedTwoMeans {
    Check.positive("BalancedTwoMeans.tolerance", tolerance);
    Check.atLeast("BalancedTwoMeans.maximumRounds", maximumRounds, 1);
  }

  /**
   * How many clusters there will be.
   *
   * @param vectors N
   * @param nominalSize of a cluster, at least 1
   * @return a power of two, or N where every vector is its own cluster
   */
  public static int clustersFor(int vectors, int nominalSize) {
    Check.atLeast("BalancedTwoMeans.nominalSize", nominalSize, 1);
    long wanted = (vectors + (long) nominalSize - 1) / nominalSize;
    long clusters = 1;
    while (clusters < wanted) {
      clusters *= 2;
    }
    return (int) Math.min(vectors, clusters);
  }

  /**
   * Clusters vectors.
   *
   * @param vectors [N, D]; they are not changed
   * @param clusters wanted, at least 1; rounded up to a power of two
   * @param seed with {@code round}, what the random choices depend on
   */
  public Clusters cluster(float[][] vectors, int clusters, long seed, long round) {
    Check.atLeast("BalancedTwoMeans.clusters", clusters, 1);
    float[][] unit = unit(vectors);
    int[] order = IntStream.range(0, unit.length).toArray();
    int[] starts = unit.length == 0 ? new int[] {0} : new int[] {0, unit.length};
    for (int level = 0; starts.length - 1 < Math.min(clusters, unit.length); level++) {
      starts = split(unit, order, starts, RandomStream.of(seed, "cluster.halves", round, level));
    }
    for (int cluster = 0; cluster + 1 < starts.length; cluster++) {
      Arrays.sort(order, starts[cluster], starts[cluster + 1]);
    }
    return new Clusters(order, starts);
  }

  /** Cuts each cluster of two or more in half, in place; returns the new starts. */
  private int[] split(float[][] unit, int[] order, int[] starts, RandomStream random) {
    int clusters = starts.length - 1;
    IntStream.range(0, clusters)
        .parallel()
        .forEach(
            cluster -> halve(unit, order, starts[cluster], starts[cluster + 1], random, cluster));
    int[] halves = new int[2 * clusters + 1];
    int count = 0;
    for (int cluster = 0; cluster < clusters; cluster++) {
      int size = starts[cluster + 1] - starts[cluster];
      halves[count++] = starts[cluster];
      if (size > 1) {
        halves[count++] = starts[cluster] + (size + 1) / 2;
      }
    }
    halves[count++] = starts[clusters];
    return Arrays.copyOf(halves, count);
  }

  /** Sorts a cluster's members so that its two halves stand one after the other. */
  private void halve(
      float[][] unit, int[] order, int from, int to, RandomStream random, int cluster) {
    int size = to - from;
    if (size < 2) {
      return;
    }
    int first = (int) random.belowAt(2L * cluster, size);
    int second = (int) random.belowAt(2L * cluster + 1, size - 1);
    second += second >= first ? 1 : 0;
    int[] members = Arrays.copyOfRange(order, from, to);
    float[] between = minus(unit[order[from + second]], unit[order[from + first]]);
    Arrays.sort(members); // so that ties do not depend on the level before
    float[] difference = new float[size];
    double similarity = Double.NEGATIVE_INFINITY;
    int[] sorted = members;
    for (int round = 0; round < maximumRounds; round++) {
      differences(unit, members, between, difference);
      sorted = byDifference(members, difference);
      int half = (size + 1) / 2;
      Half left = Half.of(unit, sorted, 0, half);
      Half right = Half.of(unit, sorted, half, size);
      double grown = (left.length + right.length) / size;
      if (grown - similarity < tolerance) {
        break;
      }
      similarity = grown;
      between = minus(right.centroid, left.centroid);
    }
    System.arraycopy(sorted, 0, order, from, size);
  }

  /** {@code x . (c_1 - c_0)} of each member. */
  private static void differences(
      float[][] unit, int[] members, float[] between, float[] difference) {
    IntStream rows = IntStream.range(0, members.length);
    (members.length > PARALLEL_ROWS ? rows.parallel() : rows)
        .forEach(i -> difference[i] = dot(unit[members[i]], between));
  }

  private static int[] byDifference(int[] members, float[] difference) {
    long[] keys = new long[members.length];
    for (int i = 0; i < keys.length; i++) {
      int bits = Float.floatToIntBits(difference[i] + 0f); // -0 and 0 are equal
      int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
      keys[i] = (long) sortable << 32 | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> members[(int) key]).toArray();
  }

  /**
   * One half of a cluster.
   *
   * @param centroid the mean, scaled to unit length; zeros where the members cancel out
   * @param length of the members' sum, which is the sum of their similarities to the centroid
   */
  private record Half(float[] centroid, double length) {
    static Half of(float[][] unit, int[] members, int from, int to) {
      double[] sum = new double[unit[0].length];
      for (int i = from; i < to; i++) {
        float[] row = unit[members[i]];
        for (int d = 0; d < sum.length; d++) {
          sum[d] += row[d];
        }
      }
      double squares = 0;
      for (double value : sum) {
        squares += value * value;
      }
      double length = Math.sqrt(squares);
      float[] centroid = new float[sum.length];
      for (int d = 0; d < sum.length && length > 0; d++) {
        centroid[d] = (float) (sum[d] / length);
      }
      return new Half(centroid, length);
    }
  }

  private static float[] minus(float[] a, float[] b) {
    float[] difference = new float[a.length];
    for (int d = 0; d < a.length; d++) {
      difference[d] = a[d] - b[d];
    }
    return difference;
  }

  /** Four sums side by side, since one alone waits for itself. */
  private static float dot(float[] a, float[] b) {
    float first = 0;
    float second = 0;
    float third = 0;
    float fourth = 0;
    int d = 0;
    for (; d + 3 < a.length; d += 4) {
      first += a[d] * b[d];
      second += a[d + 1] * b[d + 1];
      third += a[d + 2] * b[d + 2];
      fourth += a[d + 3] * b[d + 3];
    }
    for (; d < a.length; d++) {
      first += a[d] * b[d];
    }
    return (first + second) + (third + fourth);
  }

  private static float[][] unit(float[][] vectors) {
    float[][] unit = new float[vectors.length][];
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i].length != vectors[0].length) {
        throw new IllegalArgumentException(
            "vectors have %d and %d dims".formatted(vectors[0].length, vectors[i].length));
      }
      double squares = 0;
      for (float value : vectors[i]) {
        squares += (double) value * value;
      }
      if (!Double.isFinite(squares)) {
        throw new IllegalArgumentException(
            "vector %d holds a number that is not finite".formatted(i));
      }
      unit[i] = vectors[i].clone();
      for (int d = 0; d < unit[i].length && squares > 0; d++) {
        unit[i][d] = (float) (unit[i][d] / Math.sqrt(squares));
      }
    }
    return unit;
  }
}
