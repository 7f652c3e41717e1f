package io.batchwright.kernel.cuda;

import java.util.Arrays;

/**
 * Positions grouped by the row they name: rows ascending, positions ascending within a row, so that
 * a scatter becomes one sum a row in a fixed order.
 *
 * @param rows [U] the different rows
 * @param starts [U + 1] where each row's positions start in {@code order}
 * @param order [N] all positions
 */
record RowGroups(int[] rows, int[] starts, int[] order) {

  /** Groups by a sort of (row, position). */
  static RowGroups of(int[] rowOf) {
    long[] keys = new long[rowOf.length];
    for (int i = 0; i < rowOf.length; i++) {
      keys[i] = (long) rowOf[i] << 32 | i;
    }
    Arrays.sort(keys);
    int[] rows = new int[rowOf.length];
    int[] starts = new int[rowOf.length + 1];
    int[] order = new int[rowOf.length];
    int count = 0;
    for (int i = 0; i < keys.length; i++) {
      int row = (int) (keys[i] >>> 32);
      if (i == 0 || row != rows[count - 1]) {
        rows[count] = row;
        starts[count++] = i;
      }
      order[i] = (int) keys[i];
    }
    starts[count] = rowOf.length;
    return new RowGroups(Arrays.copyOf(rows, count), Arrays.copyOf(starts, count + 1), order);
  }

  /** Number of different rows. */
  int count() {
    return rows.length;
  }
}
