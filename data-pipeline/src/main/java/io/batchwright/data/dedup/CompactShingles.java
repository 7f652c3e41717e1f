package io.batchwright.data.dedup;

import java.io.ByteArrayOutputStream;

/**
 * A set of shingles in about 4 bytes each: the top 36 bits of each hash, ascending, as differences
 * in variable-length bytes. For indexes, which keep the sets of all documents ever seen.
 *
 * <p>Layout: one byte {@link #VERSION}; the number of values as a varint (7 bits a byte, lowest
 * first, the top bit for more); then each value less the one before, as a varint. A set of 1,000
 * shingles takes about 3.9 KB, half of its packed hashes; below about 250 shingles one takes 5
 * bytes.
 *
 * <p><b>Error.</b> Similarity on this form differs from that on full hashes only where two
 * different shingles of the two texts agree in 36 bits. With {@code u} distinct shingles in the
 * union, {@code u^2 / 2^37} such pairs are expected, and each moves the Jaccard similarity by at
 * most {@code 2 / (u - 1)} and containment by as much of the smaller set: for 1,000 shingles a
 * difference in seven comparisons of a million, of 0.002; for a million shingles about 7 pairs,
 * together below 2e-5.
 */
public final class CompactShingles {
  /** The version of the layout, its first byte. */
  public static final int VERSION = 1;

  private static final int DROPPED_BITS = Long.SIZE - 36;

  private CompactShingles() {}

  /** The compact form of {@code set}, which ascends without repeats. */
  public static byte[] of(long[] set) {
    return of(set, set.length);
  }

  /** The compact form of the shingles of {@code text}, hashed by {@code hasher}. */
  public static byte[] of(ShingleHasher hasher, String text) {
    hasher.hash(text);
    int distinct = hasher.distinct();
    return of(hasher.hashes(), distinct);
  }

  /** The compact form of the first {@code count} of {@code set}, ascending without repeats. */
  static byte[] of(long[] set, int count) {
    int distinct = 0;
    long before = -1;
    for (int i = 0; i < count; i++) {
      long value = top(set[i]);
      distinct += value == before ? 0 : 1;
      before = value;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(6 + 4 * count);
    bytes.write(VERSION);
    varint(distinct, bytes);
    before = 0;
    for (int i = 0; i < count; i++) {
      long value = top(set[i]);
      if (i == 0 || value != before) {
        varint(value - before, bytes);
      }
      before = value;
    }
    return bytes.toByteArray();
  }

  /** The number of values in {@code compact}. */
  public static int size(byte[] compact) {
    return new Reader(compact).size;
  }

  /** The Jaccard similarity of two compact sets; 1 for two empty ones. */
  public static double jaccard(byte[] a, byte[] b) {
    Reader left = new Reader(a);
    Reader right = new Reader(b);
    return Shingles.similarity(shared(left, right, 0), left.size, right.size);
  }

  /** The similarity of two compact sets where it reaches {@code threshold}, else -1. */
  public static double jaccardFrom(byte[] a, byte[] b, double threshold) {
    Reader left = new Reader(a);
    Reader right = new Reader(b);
    int smaller = Math.min(left.size, right.size);
    if (Shingles.similarity(smaller, left.size, right.size) < threshold) {
      return -1;
    }
    // One less than needed, so that rounding cannot reject a pair.
    int needed = (int) Math.floor(threshold / (1 + threshold) * (left.size + right.size)) - 1;
    double similarity = Shingles.similarity(shared(left, right, needed), left.size, right.size);
    return similarity >= threshold ? similarity : -1;
  }

  /** The share of the smaller of two compact sets that is in the other. */
  public static double containment(byte[] a, byte[] b) {
    Reader left = new Reader(a);
    Reader right = new Reader(b);
    return Shingles.contained(shared(left, right, 0), left.size, right.size);
  }

  /** The number of shared values, or less than {@code needed} as soon as it cannot be reached. */
  private static int shared(Reader a, Reader b, int needed) {
    int shared = 0;
    int left = a.size; // values not yet passed, on each side
    int right = b.size;
    long x = left > 0 ? a.next() : 0;
    long y = right > 0 ? b.next() : 0;
    while (left > 0 && right > 0 && shared + Math.min(left, right) >= needed) {
      boolean forward = x <= y;
      boolean back = y <= x;
      shared += forward && back ? 1 : 0;
      if (forward) {
        left--;
        x = left > 0 ? a.next() : 0;
      }
      if (back) {
        right--;
        y = right > 0 ? b.next() : 0;
      }
    }
    return shared;
  }

  /** The top 36 bits, in the order of the signed hashes. */
  private static long top(long hash) {
    return (hash ^ Long.MIN_VALUE) >>> DROPPED_BITS;
  }

  private static void varint(long value, ByteArrayOutputStream bytes) {
    long rest = value;
    while (rest >= 0x80) {
      bytes.write((int) rest | 0x80);
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  private static final class Reader {
    private final byte[] bytes;
    final int size;
    private int at = 1;
    private long value;

    Reader(byte[] bytes) {
      this.bytes = bytes;
      if (bytes.length < 2 || bytes[0] != VERSION) {
        throw new IllegalArgumentException(
            "compact shingles must begin with version %d, got %s"
                .formatted(VERSION, bytes.length == 0 ? "nothing" : "version " + bytes[0]));
      }
      size = (int) varint();
    }

    /** The next value; it is for the caller to count to {@link #size}. */
    long next() {
      value += varint();
      return value;
    }

    private long varint() {
      long result = 0;
      for (int shift = 0; ; shift += 7) {
        byte b = bytes[at];
        at++;
        result |= (b & 0x7FL) << shift;
        if (b >= 0) {
          return result;
        }
      }
    }
  }
}
