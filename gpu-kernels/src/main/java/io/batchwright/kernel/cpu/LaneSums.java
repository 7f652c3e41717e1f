package io.batchwright.kernel.cpu;

/**
 * The running sums of a block, and how they end in one: the order that {@link RowLoops} states.
 *
 * <p>Not for several threads.
 */
final class LaneSums {
  private static final int EIGHT = 8;

  /** Running sums of the elements up to the last whole group of {@link RowLoops#LANES}. */
  final float[] lanes = new float[RowLoops.LANES];

  /** The elements behind that. */
  final float[] rest = new float[RowLoops.LANES];

  /** The sum of everything, of which {@code count} elements are rest; uses the lanes up. */
  float total(int count) {
    for (int lane = 0; lane < EIGHT; lane++) {
      lanes[lane] =
          (lanes[lane] + lanes[EIGHT + lane]) + (lanes[2 * EIGHT + lane] + lanes[3 * EIGHT + lane]);
    }
    int i = 0;
    for (; i + EIGHT <= count; i += EIGHT) {
      for (int lane = 0; lane < EIGHT; lane++) {
        lanes[lane] += rest[i + lane];
      }
    }
    float sum =
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
            + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    for (; i < count; i++) {
      sum += rest[i];
    }
    return sum;
  }
}
