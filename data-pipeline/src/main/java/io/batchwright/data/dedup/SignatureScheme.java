package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.Arrays;

/**
 * How a text becomes a MinHash signature. Stored beside signatures: those of two schemes must not
 * be compared.
 *
 * <p>One-permutation hashing with optimal densification (Shrivastava, ICML 2017): each shingle's
 * hash is mixed once with the seed; its upper half chooses one of {@code permutations} bins, its
 * lower half competes to be that bin's minimum; an empty bin takes the value of a filled bin drawn
 * by hash of (bin, attempt), the same draw for every text. The chance that two texts agree in a bin
 * is their Jaccard similarity, as with that many independent permutations, and its variance is that
 * of classical MinHash up to the effect of short texts; but a shingle costs one multiplication
 * chain instead of {@code permutations} of them (measured about 190 times cheaper than permutations
 * modulo 2^61 - 1).
 *
 * @param version the version of the algorithm, {@link #VERSION} for new signatures
 * @param shingles what is hashed
 * @param permutations bins of a signature
 * @param seed chooses the hash function
 */
public record SignatureScheme(int version, Shingles shingles, int permutations, long seed)
    implements Serializable {
  /** The version that this code computes. */
  public static final int VERSION = 1;

  public SignatureScheme {
    Check.that(version == VERSION, "SignatureScheme.version", "must be " + VERSION);
    Check.range("SignatureScheme.permutations", permutations, 1, true, 4096, true);
  }

  /** The signature of {@code text}, one value a bin, or null for a text without shingles. */
  public int[] signature(String text) {
    ShingleHasher hasher = new ShingleHasher(shingles.unit(), shingles.size());
    int count = hasher.hash(text);
    return count == 0 ? null : signature(hasher.hashes(), count);
  }

  /** The signature of the first {@code count} > 0 hashes; repeats do not change it. */
  int[] signature(long[] hashes, int count) {
    long mask = mix(seed + 0x5851F42D4C957F2DL);
    long[] minima = new long[permutations];
    Arrays.fill(minima, Long.MAX_VALUE);
    for (int i = 0; i < count; i++) {
      long hash = mix(hashes[i] ^ mask);
      int bin = (int) (((hash >>> 32) * permutations) >>> 32);
      minima[bin] = Math.min(minima[bin], hash & 0xFFFFFFFFL);
    }
    int[] signature = new int[permutations];
    for (int bin = 0; bin < permutations; bin++) {
      int from = bin;
      for (long attempt = 1; minima[from] == Long.MAX_VALUE; attempt++) {
        long draw = mix(mask + (attempt << 16) + bin);
        from = (int) (((draw >>> 32) * permutations) >>> 32);
      }
      signature[bin] = (int) minima[from];
    }
    return signature;
  }

  /** The bucket keys of {@code signature}: one a band, different for different bands and salts. */
  static long[] bandKeys(int[] signature, int bands, int rows, long salt) {
    long[] keys = new long[bands];
    int lane = 0;
    for (int band = 0; band < bands; band++) {
      long key = mix(salt + band);
      for (int row = 0; row < rows; row++) {
        key = mix(key ^ (signature[lane] & 0xFFFFFFFFL));
        lane++;
      }
      keys[band] = key;
    }
    return keys;
  }
}
