package io.batchwright.data;

import java.util.List;
import org.apache.spark.sql.Row;

/** Vectors that stand in rows as lists of numbers. */
public final class RowVectors {
  private RowVectors() {}

  /**
   * The vector of a row.
   *
   * @param column of array&lt;float>, neither null nor with a null in it
   */
  public static float[] of(Row row, int column) {
    List<Float> numbers = row.getList(column);
    float[] vector = new float[numbers.size()];
    copy(numbers, vector, 0);
    return vector;
  }

  /**
   * Copies numbers to a place.
   *
   * @param into has room for them from {@code at} on
   */
  public static void copy(List<Float> numbers, float[] into, int at) {
    for (int d = 0; d < numbers.size(); d++) {
      into[at + d] = numbers.get(d);
    }
  }
}
