package io.batchwright.data.dedup;

import java.util.Arrays;

/**
 * Sorts hashes in linear time: one pass spreads them over as many buckets as there are values by
 * their top bits, then insertion puts neighbours in order. Any values are sorted rightly; those
 * that are not spread evenly take {@link Arrays#sort}'s time.
 *
 * <p>Keeps its buffers; not thread-safe.
 */
final class UniformSort {
  private static final int SMALL = 64;
  private static final int CROWD = 48;
  private static final int MOST_BITS = 16;

  private long[] spread = new long[1024];
  private final int[] ends = new int[(1 << MOST_BITS) + 1];

  /** Sorts the first {@code count} values ascending. */
  void sort(long[] values, int count) {
    if (count < SMALL) {
      Arrays.sort(values, 0, count);
      return;
    }
    if (spread.length < count) {
      spread = new long[Math.max(count, 2 * spread.length)];
    }
    int bits = Math.min(MOST_BITS, 32 - Integer.numberOfLeadingZeros(count - 1));
    int buckets = 1 << bits;
    int shift = 64 - bits;
    Arrays.fill(ends, 0, buckets + 1, 0);
    for (int i = 0; i < count; i++) {
      ends[(int) ((values[i] ^ Long.MIN_VALUE) >>> shift) + 1]++;
    }
    for (int b = 0; b < buckets; b++) {
      ends[b + 1] += ends[b];
    }
    for (int i = 0; i < count; i++) {
      int bucket = (int) ((values[i] ^ Long.MIN_VALUE) >>> shift);
      spread[ends[bucket]] = values[i];
      ends[bucket]++;
    }
    int start = 0;
    for (int b = 0; b < buckets; b++) {
      if (ends[b] - start > CROWD) {
        Arrays.sort(spread, start, ends[b]);
      }
      start = ends[b];
    }
    for (int i = 1; i < count; i++) {
      long value = spread[i];
      int at = i;
      while (at > 0 && spread[at - 1] > value) {
        spread[at] = spread[at - 1];
        at--;
      }
      spread[at] = value;
    }
    System.arraycopy(spread, 0, values, 0, count);
  }
}
