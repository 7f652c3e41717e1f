package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Arguments;
import java.util.Arrays;

/**
 * Groups positions by the row they name, rows ascending and positions ascending within a row, so
 * that a scatter becomes one sum per row in a fixed order. Counting sort while the table is not
 * much larger than the batch, else a sort of (row, position) keys; neither boxes anything.
 */
final class RowSegments {
  /** Above so many table rows a position, sorting beats scanning the table's counts. */
  private static final int SPARSE = 16;

  private final int count;
  private final int[] rows;
  private final int[] starts;
  private final int[] order;

  private RowSegments(int count, int[] rows, int[] starts, int[] order) {
    this.count = count;
    this.rows = rows;
    this.starts = starts;
    this.order = order;
  }

  /** Groups the first {@code length} entries, each a row below {@code tableRows}. */
  static RowSegments of(String operation, int[] rowOf, int length, int tableRows, Scratch scratch) {
    requireInside(operation, rowOf, length, tableRows);
    int[] order = scratch.intRow(Slots.ORDER, length);
    int[] unique = scratch.intRow(Slots.UNIQUE, Math.min(length, tableRows));
    int[] starts = scratch.intRow(Slots.STARTS, Math.min(length, tableRows) + 1);
    return (long) length * SPARSE < tableRows
        ? bySorting(rowOf, length, order, unique, starts, scratch)
        : byCounting(rowOf, length, tableRows, order, unique, starts, scratch);
  }

  /** Number of different rows. */
  int count() {
    return count;
  }

  /** The different rows ascending: the first {@link #count} entries. */
  int[] rows() {
    return rows;
  }

  /**
   * Where the positions of the n-th row start in {@link #order}; entry {@link #count} ends the
   * last.
   */
  int start(int index) {
    return starts[index];
  }

  /** The first row whose positions start at {@code position} of {@link #order} or behind it. */
  int startingAt(int position) {
    int found = Arrays.binarySearch(starts, 0, count, position); // each start is another position
    return found >= 0 ? found : -found - 1;
  }

  /** All positions, grouped. */
  int[] order() {
    return order;
  }

  /** Fails with the first entry that is not a row of the table. */
  static void requireInside(String operation, int[] rowOf, int length, int tableRows) {
    int wrong = 0;
    for (int i = 0; i < length; i++) {
      wrong |= rowOf[i] | (tableRows - 1 - rowOf[i]);
    }
    if (wrong >= 0) {
      return;
    }
    for (int i = 0; i < length; i++) {
      Arguments.require(
          rowOf[i] >= 0 && rowOf[i] < tableRows,
          operation,
          "row %d at position %d is outside the table of %d rows",
          rowOf[i],
          i,
          tableRows);
    }
  }

  private static RowSegments byCounting(
      int[] rowOf,
      int length,
      int tableRows,
      int[] order,
      int[] unique,
      int[] starts,
      Scratch scratch) {
    int[] next = scratch.intRow(Slots.COUNTS, tableRows);
    Arrays.fill(next, 0, tableRows, 0);
    for (int i = 0; i < length; i++) {
      next[rowOf[i]]++;
    }
    int count = 0;
    int start = 0;
    for (int row = 0; row < tableRows; row++) {
      int size = next[row];
      if (size > 0) {
        unique[count] = row;
        starts[count++] = start;
        next[row] = start;
        start += size;
      }
    }
    starts[count] = length;
    for (int i = 0; i < length; i++) {
      order[next[rowOf[i]]++] = i;
    }
    return new RowSegments(count, unique, starts, order);
  }

  private static RowSegments bySorting(
      int[] rowOf, int length, int[] order, int[] unique, int[] starts, Scratch scratch) {
    long[] keys = scratch.longRow(Slots.KEYS, length);
    for (int i = 0; i < length; i++) {
      keys[i] = (long) rowOf[i] << 32 | i;
    }
    Arrays.sort(keys, 0, length);
    int count = 0;
    for (int i = 0; i < length; i++) {
      int row = (int) (keys[i] >>> 32);
      if (i == 0 || row != unique[count - 1]) {
        unique[count] = row;
        starts[count++] = i;
      }
      order[i] = (int) keys[i];
    }
    starts[count] = length;
    return new RowSegments(count, unique, starts, order);
  }
}
