package io.batchwright.data.search;

/**
 * Says whether a block of scores holds one above a threshold, several times as fast as looking at
 * each: loops over whole arrays with fixed distances become vector instructions, those over a part
 * of an array do not (C2 of JDK 17).
 */
final class BlockScan {
  /** Scores of a block. */
  static final int SIZE = 1024;

  private static final int QUARTER = SIZE / 4;
  private static final int SIXTEENTH = SIZE / 16;

  private final float[] block = new float[SIZE];
  private final float[] greatest = new float[QUARTER];

  /** Whether one of {@link #SIZE} scores from {@code offset} on is above {@code threshold}. */
  boolean holdsMore(float[] values, int offset, float threshold) {
    System.arraycopy(values, offset, block, 0, SIZE);
    fold(block, greatest);
    foldAgain(greatest);
    float most = greatest[0];
    for (int i = 1; i < SIXTEENTH; i++) {
      most = Math.max(most, greatest[i]);
    }
    return !(most <= threshold); // what is not a number hides nothing
  }

  private static void fold(float[] from, float[] to) {
    for (int i = 0; i < QUARTER; i++) {
      to[i] =
          Math.max(
              Math.max(from[i], from[i + QUARTER]),
              Math.max(from[i + 2 * QUARTER], from[i + 3 * QUARTER]));
    }
  }

  private static void foldAgain(float[] values) {
    for (int i = 0; i < SIXTEENTH; i++) {
      values[i] =
          Math.max(
              Math.max(values[i], values[i + SIXTEENTH]),
              Math.max(values[i + 2 * SIXTEENTH], values[i + 3 * SIXTEENTH]));
    }
  }
}
