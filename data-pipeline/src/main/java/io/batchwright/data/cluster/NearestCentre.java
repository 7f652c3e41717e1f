package io.batchwright.data.cluster;

import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.TopK;
import io.batchwright.data.search.VectorRows;
import io.batchwright.kernel.Backend;
import java.util.Arrays;

/**
 * Which centre is nearest, by matrix products.
 *
 * <p>For distances, a vector gets a further number 1 and a centre -|c|^2 / 2: the inner product is
 * then x . c - |c|^2 / 2, which is largest where |x - c| is smallest.
 */
final class NearestCentre {
  private static final ExactSearch TILES = new ExactSearch(256, 512, false);

  /** Every product has as many rows, so that a vector's nearest does not depend on the others. */
  private static final int ROWS = 256;

  private final float[][] centres;
  private final boolean cosine;

  /**
   * Of these centres.
   *
   * @param centres [clusters, D], of unit length where {@code cosine}
   */
  NearestCentre(float[][] centres, boolean cosine) {
    this.cosine = cosine;
    this.centres =
        cosine
            ? centres
            : Arrays.stream(centres).map(c -> with(c, half(c))).toArray(float[][]::new);
  }

  /**
   * The number of the centre nearest to each vector.
   *
   * @throws IllegalArgumentException if dims differ
   */
  int[] of(Backend backend, float[][] vectors) {
    float[][] asked = new float[(vectors.length + ROWS - 1) / ROWS * ROWS][];
    for (int i = 0; i < asked.length; i++) {
      asked[i] = i < vectors.length ? asked(vectors[i]) : new float[centres[0].length];
    }
    TopK.Best[] best =
        TILES.search(
            backend, VectorRows.of(asked), VectorRows.of(centres), Similarity.INNER_PRODUCT, 1);
    return Arrays.stream(best, 0, vectors.length).mapToInt(one -> one.documents()[0]).toArray();
  }

  private float[] asked(float[] vector) {
    int dims = cosine ? centres[0].length : centres[0].length - 1;
    if (vector.length != dims) {
      throw new IllegalArgumentException(
          "a vector has %d dims and centres have %d".formatted(vector.length, dims));
    }
    return cosine ? vector : with(vector, 1);
  }

  private static float half(float[] centre) {
    double squares = 0;
    for (float value : centre) {
      squares += (double) value * value;
    }
    return (float) (-squares / 2);
  }

  private static float[] with(float[] vector, float last) {
    float[] longer = Arrays.copyOf(vector, vector.length + 1);
    longer[vector.length] = last;
    return longer;
  }
}
