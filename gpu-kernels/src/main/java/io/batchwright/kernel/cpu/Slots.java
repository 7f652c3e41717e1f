package io.batchwright.kernel.cpu;

/**
 * Which growable array of {@link Scratch} belongs to whom, so that no kernel treads on another's.
 */
final class Slots {
  /** Float arrays. */
  static final int EXP_POWER = 0;

  static final int EXP_REST = 1;
  static final int SCORES = 2;
  static final int SCORES_OTHER = 3;
  static final int ROW = 4;
  static final int ROW_SUM = 5;
  static final int PRODUCT_LEFT = 6;
  static final int PRODUCT_OUT = 7;
  static final int ROW_6 = 8;
  static final int ROW_1 = 9;
  static final int ROW_2 = 10;
  static final int ROW_3 = 11;
  static final int ROW_4 = 12;
  static final int ROW_5 = 13;
  static final int KEPT = 14;
  static final int SHARES = 15;
  static final int ALONG = 16;
  static final int BLOCK_SUMS = 17;
  static final int GAIN_SUMS = 18;
  static final int BIAS_SUMS = 19;

  /** Float or double arrays from here on are the rows of a packed block of a matrix product. */
  static final int PRODUCT_BLOCK = 20;

  /** Int arrays. */
  static final int EXP_BITS = 0;

  static final int EXP_HALF_BITS = 1;
  static final int TOKENS = 2;
  static final int OFFSETS = 3;
  static final int COUNTS = 4;
  static final int ORDER = 5;
  static final int MASK = 6;
  static final int UNIQUE = 7;
  static final int STARTS = 8;
  static final int BAG_OF = 9;
  static final int DRAWS = 10;
  static final int SQUARE = 11;
  static final int BAG_ROWS = 12;
  static final int STALE_ROWS = 13;
  static final int LAST_STEPS = 14;

  /** Rows outside of the heap. */
  static final int DIRECT_ZEROS = 0;

  static final int DIRECT_LEFT = 1;
  static final int DIRECT_OTHER = 2;
  static final int DIRECT_WORK = 3;

  /** Long arrays. */
  static final int SOURCES = 0;

  static final int KEYS = 1;

  private Slots() {}
}
