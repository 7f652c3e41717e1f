package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The set of shingles of a text, as sorted 64-bit hashes: what similarity is measured on.
 *
 * <p>Two different shingles share a hash with probability 2^-64, so the Jaccard similarity of the
 * hashes is that of the shingles for any corpus of practical size.
 *
 * @param unit what a shingle is made of
 * @param size consecutive units in one shingle, at least 1
 */
public record Shingles(ShingleUnit unit, int size) implements Serializable {
  /** The version of the hashes; a change of tokens or hashing is a new version. */
  public static final int VERSION = 1;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  public Shingles {
    Check.that(unit != null, "Shingles.unit", "must be given");
    Check.range("Shingles.size", size, 1, true, 1024, true);
  }

  /** The distinct shingles of {@code text}, ascending; none for a blank text. */
  public long[] of(String text) {
    return distinct(new ShingleHasher(unit, size), text);
  }

  static long[] distinct(ShingleHasher hasher, String text) {
    int count = hasher.hash(text);
    long[] all = hasher.hashes();
    Arrays.sort(all, 0, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || all[i] != all[i - 1]) {
        all[kept] = all[i];
        kept++;
      }
    }
    return Arrays.copyOf(all, kept);
  }

  /**
   * The Jaccard similarity {@code |a and b| / |a or b|} of two ascending sets without repeats; 1
   * for two empty ones.
   */
  public static double jaccard(long[] a, long[] b) {
    int shared = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        shared++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return similarity(shared, a.length, b.length);
  }

  static double similarity(int shared, int sizeA, int sizeB) {
    int union = sizeA + sizeB - shared;
    return union == 0 ? 1 : (double) shared / union;
  }

  /** The set as bytes, which Spark moves without boxing. */
  static byte[] pack(long[] set) {
    byte[] packed = new byte[set.length * Long.BYTES];
    for (int i = 0; i < set.length; i++) {
      LONGS.set(packed, i * Long.BYTES, set[i]);
    }
    return packed;
  }

  /** The exact similarity of two packed sets. */
  static double jaccard(byte[] a, byte[] b) {
    return jaccardFrom(a, b, 0);
  }

  /** The exact similarity of two packed sets where it reaches {@code threshold}, else -1. */
  static double jaccardFrom(byte[] a, byte[] b, double threshold) {
    int sizeA = a.length / Long.BYTES;
    int sizeB = b.length / Long.BYTES;
    if (similarity(Math.min(sizeA, sizeB), sizeA, sizeB) < threshold) {
      return -1;
    }
    // One less than the overlap that the threshold needs, so that rounding cannot reject a pair.
    int needed = (int) Math.floor(threshold / (1 + threshold) * (sizeA + sizeB)) - 1;
    int sparable = sizeA + sizeB - 2 * needed; // elements that may stay unmatched, both sides
    int shared = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      long left = (long) LONGS.get(a, i);
      long right = (long) LONGS.get(b, j);
      if (left == right) {
        shared++;
        i += Long.BYTES;
        j += Long.BYTES;
      } else {
        sparable--;
        if (sparable < 0) {
          return -1;
        }
        if (left < right) {
          i += Long.BYTES;
        } else {
          j += Long.BYTES;
        }
      }
    }
    double similarity = similarity(shared, sizeA, sizeB);
    return similarity >= threshold ? similarity : -1;
  }
}
