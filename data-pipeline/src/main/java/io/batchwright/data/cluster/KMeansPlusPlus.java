package io.batchwright.data.cluster;

import io.batchwright.tensor.RandomStream;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The start of {@link KMeans}: each centre is drawn with a probability that grows with the square
 * of its distance from those before.
 */
final class KMeansPlusPlus {
  private KMeansPlusPlus() {}

  /**
   * Draws {@code count} of the vectors, fewer where there are not as many different ones.
   *
   * @param vectors at least one
   */
  static float[][] choose(float[][] vectors, int count, long seed) {
    RandomStream random = RandomStream.of(seed, "cluster.start", 0, 0);
    double[] squares = new double[vectors.length];
    Arrays.fill(squares, Double.POSITIVE_INFINITY);
    List<float[]> chosen = new ArrayList<>();
    int next = (int) random.belowAt(0, vectors.length);
    while (next >= 0) {
      float[] centre = vectors[next];
      chosen.add(centre);
      IntStream.range(0, vectors.length)
          .parallel()
          .forEach(i -> squares[i] = Math.min(squares[i], squaredDistance(vectors[i], centre)));
      next = chosen.size() < count ? draw(squares, random, chosen.size()) : -1;
    }
    return chosen.toArray(float[][]::new);
  }

  /** A place with a probability in proportion to its number, or -1 where all are 0. */
  private static int draw(double[] weights, RandomStream random, int turn) {
    double all = Arrays.stream(weights).sum();
    double left = all * random.belowAt(turn, 1L << 53) / (1L << 53);
    int last = -1;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }

  /** The vectors, each once. */
  static float[][] different(float[][] vectors) {
    return Arrays.stream(vectors)
        .map(FloatBuffer::wrap)
        .distinct()
        .map(FloatBuffer::array)
        .toArray(float[][]::new);
  }

  /** In four sums, so that a processor adds several numbers at once. */
  static double squaredDistance(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int d = 0;
    for (; d + 3 < a.length; d += 4) {
      float x0 = a[d] - b[d];
      float x1 = a[d + 1] - b[d + 1];
      float x2 = a[d + 2] - b[d + 2];
      float x3 = a[d + 3] - b[d + 3];
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    for (; d < a.length; d++) {
      s0 += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return (double) s0 + s1 + s2 + s3;
  }
}
