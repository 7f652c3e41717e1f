package io.batchwright.train.export;

/**
 * The table of a static embedding: one row per token id.
 *
 * @param vocabulary number of rows, V
 * @param dims length of a row, D
 * @param table [V, D], row by row
 */
public record StaticEmbeddingWeights(int vocabulary, int dims, float[] table) {
  public StaticEmbeddingWeights {
    if (vocabulary < 1 || dims < 1 || (long) vocabulary * dims != table.length) {
      throw new IllegalArgumentException(
          "a table of %d rows and %d dims has %d values, got %d"
              .formatted(vocabulary, dims, (long) vocabulary * dims, table.length));
    }
    for (float value : table) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("the table holds a value that is not finite");
      }
    }
  }

  /** The rows as arrays of their own, as {@link StaticEncoder} wants them. */
  public float[][] rows() {
    float[][] rows = new float[vocabulary][dims];
    for (int i = 0; i < vocabulary; i++) {
      System.arraycopy(table, i * dims, rows[i], 0, dims);
    }
    return rows;
  }
}
