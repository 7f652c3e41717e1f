package io.batchwright.kernel.cpu;

import java.util.Arrays;

/** Sums down the columns of float rows: {@value #ROWS} rows in floats, those sums in doubles. */
final class ColumnSums {
  static final int ROWS = 16;

  private final float[] some;
  private final double[] sums;
  private final int width;
  private final Scratch scratch;
  private int rows;

  /**
   * Starts at zeros.
   *
   * @param slot of a float and of a double row
   */
  ColumnSums(Scratch scratch, int slot, int width) {
    this.scratch = scratch;
    this.width = width;
    some = scratch.floatRow(slot, width);
    sums = scratch.doubleRow(slot, width);
    Arrays.fill(some, 0, width, 0);
    Arrays.fill(sums, 0, width, 0);
  }

  /** Adds rows that lie {@code stride} floats apart in memory. */
  void add(long first, long stride, int count) {
    int group;
    for (int done = 0; done < count; done += group) {
      if (rows == ROWS) {
        fold();
      }
      group = Math.min(ROWS - rows, count - done);
      scratch.streams.addRows(first + 4 * stride * done, stride, group, some, width);
      rows += group;
    }
  }

  private void fold() {
    add(some, sums, width);
    Arrays.fill(some, 0, width, 0);
    rows = 0;
  }

  private static void add(float[] some, double[] sums, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += some[i];
    }
  }

  /** The sums so far. */
  double[] sums() {
    fold();
    return sums;
  }
}
