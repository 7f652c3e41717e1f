package io.batchwright.data.search;

/** Vectors of equal length, read a range at a time. */
public interface VectorRows {
  /** How many vectors there are. */
  int count();

  /** The length of each. */
  int dims();

  /** Writes the vectors {@code from} to before {@code to} one after the other, from index 0 on. */
  void copy(int from, int to, float[] into);

  /**
   * Vectors in arrays of their own.
   *
   * @throws IllegalArgumentException on reading, if one has another length than the first
   */
  static VectorRows of(float[][] vectors) {
    return new VectorRows() {
      @Override
      public int count() {
        return vectors.length;
      }

      @Override
      public int dims() {
        return vectors.length == 0 ? 0 : vectors[0].length;
      }

      @Override
      public void copy(int from, int to, float[] into) {
        pack(vectors, from, to, dims(), into);
      }
    };
  }

  /** Lays the vectors {@code from} to before {@code to} end to end. */
  static void pack(float[][] vectors, int from, int to, int dims, float[] into) {
    for (int i = from; i < to; i++) {
      if (vectors[i].length != dims) {
        throw new IllegalArgumentException(
            "vectors have %d and %d dims".formatted(dims, vectors[i].length));
      }
      System.arraycopy(vectors[i], 0, into, (i - from) * dims, dims);
    }
  }
}
