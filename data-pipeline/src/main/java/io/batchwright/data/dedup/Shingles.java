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
 * @param version the version of the hashes, {@link #VERSION}
 * @param unit what a shingle is made of
 * @param size consecutive units in one shingle, 1 to 1024
 * @param normalization what is done to a text first
 */
public record Shingles(int version, ShingleUnit unit, int size, Normalization normalization)
    implements Serializable {
  /**
   * The version that this code computes; a change of tokens or hashing is a new version. Version 2
   * takes code points in {@link ShingleUnit#CHARACTERS}, as SlimPajama does, where version 1 took
   * UTF-16 units, and one shingle of a text of symbols alone whatever its white space; other hashes
   * are those of version 1.
   */
  public static final int VERSION = 2;

  /** Below so many characters a shingle, unrelated texts of one language share many shingles. */
  public static final int FEW_CHARACTERS = 13;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  public Shingles {
    Check.that(
        version == VERSION,
        "Shingles.version",
        "must be %d, the one that this release computes, got %d".formatted(VERSION, version));
    Check.that(unit != null, "Shingles.unit", "must be given");
    Check.range("Shingles.size", size, 1, true, 1024, true);
    Check.that(normalization != null, "Shingles.normalization", "must be given");
  }

  /** Shingles of texts in canonical composition, {@link Normalization#NFC}. */
  public Shingles(ShingleUnit unit, int size) {
    this(VERSION, unit, size, Normalization.NFC);
  }

  /** These shingles of texts normalised otherwise. */
  public Shingles after(Normalization other) {
    return new Shingles(version, unit, size, other);
  }

  /**
   * Whether a shingle is so few characters that unrelated texts look alike; a recipe that asks for
   * this deserves a warning. In one public corpus, 5-grams of characters joined 51,160 unrelated
   * books into one cluster.
   */
  public boolean tooShortForCharacters() {
    return unit == ShingleUnit.CHARACTERS && size < FEW_CHARACTERS;
  }

  /** Hashes one text after another with buffers that it keeps; one for each thread. */
  public ShingleHasher hasher() {
    return new ShingleHasher(this);
  }

  /** The distinct shingles of {@code text}, ascending; none for a blank text. */
  public long[] of(String text) {
    return distinct(hasher(), text);
  }

  static long[] distinct(ShingleHasher hasher, String text) {
    hasher.hash(text);
    int kept = hasher.distinct();
    return Arrays.copyOf(hasher.hashes(), kept);
  }

  /**
   * The Jaccard similarity {@code |a and b| / |a or b|} of two ascending sets without repeats; 1
   * for two empty ones.
   */
  public static double jaccard(long[] a, long[] b) {
    return jaccard(a, a.length, b, b.length);
  }

  /** The Jaccard similarity of the first values of two arrays, ascending without repeats. */
  public static double jaccard(long[] a, int sizeA, long[] b, int sizeB) {
    return similarity(shared(a, sizeA, b, sizeB), sizeA, sizeB);
  }

  /**
   * The share of the smaller of two ascending sets without repeats that is in the other, {@code |a
   * and b| / min(|a|, |b|)}; 1 for two empty ones, 0 for one.
   */
  public static double containment(long[] a, long[] b) {
    return contained(shared(a, a.length, b, b.length), a.length, b.length);
  }

  private static int shared(long[] a, int sizeA, long[] b, int sizeB) {
    int shared = 0;
    int i = 0;
    int j = 0;
    while (i < sizeA && j < sizeB) {
      long left = a[i];
      long right = b[j];
      shared += left == right ? 1 : 0;
      i += left <= right ? 1 : 0;
      j += right <= left ? 1 : 0;
    }
    return shared;
  }

  static double contained(int shared, int sizeA, int sizeB) {
    int smaller = Math.min(sizeA, sizeB);
    return smaller == 0 ? (sizeA == sizeB ? 1 : 0) : (double) shared / smaller;
  }

  static double similarity(int shared, int sizeA, int sizeB) {
    int union = sizeA + sizeB - shared;
    return union == 0 ? 1 : (double) shared / union;
  }

  /** The set as bytes, which Spark moves without boxing. */
  static byte[] pack(long[] set) {
    return pack(set, set.length);
  }

  /** The first {@code count} of {@code set} as bytes. */
  static byte[] pack(long[] set, int count) {
    byte[] packed = new byte[count * Long.BYTES];
    for (int i = 0; i < count; i++) {
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
