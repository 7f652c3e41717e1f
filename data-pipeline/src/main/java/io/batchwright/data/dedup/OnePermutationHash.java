package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.Arrays;

/**
 * One-permutation hashing with optimal densification: each shingle's hash is mixed once with the
 * seed; its upper half chooses one of {@code permutations} bins, its lower half competes to be that
 * bin's minimum; an empty bin takes the value of a filled bin drawn by hash of (bin, attempt), the
 * same draw for every text.
 *
 * <p>The chance that two texts agree in a bin is their Jaccard similarity, as with that many
 * independent permutations, and its variance is that of classical MinHash up to the effect of short
 * texts; but a shingle costs one multiplication chain instead of {@code permutations} of them.
 *
 * <p><b>Deviations from the paper.</b> Draws are by a 64-bit mixer in place of a 2-universal hash.
 *
 * <p><b>Relations.</b> {@link SuperMinHash} has less variance below about 100 shingles and costs
 * more; {@link DatasketchMinHash} is for parity with others' signatures.
 *
 * @param version the version of the algorithm, {@link #VERSION} for new signatures
 * @param shingles what is hashed
 * @param permutations bins of a signature, 1 to 4096: 128, or 256 for 32 bands of 8
 * @param seed chooses the hash function
 */
@Paper(
    title = "Optimal Densification for Fast and Accurate Minwise Hashing",
    arxiv = "1703.04664",
    where = "Algorithm 1")
public record OnePermutationHash(int version, Shingles shingles, int permutations, long seed)
    implements SignatureScheme {
  /** The version that this code computes. */
  public static final int VERSION = 1;

  /** 128 bins over word 5-grams. */
  public static final OnePermutationHash PAPER =
      new OnePermutationHash(VERSION, new Shingles(ShingleUnit.WORDS, 5), 128, 1);

  public OnePermutationHash {
    SchemeJson.checkVersion("OnePermutationHash", version, VERSION);
    Check.that(shingles != null, "OnePermutationHash.shingles", "must be given");
    Check.range("OnePermutationHash.permutations", permutations, 1, true, 4096, true);
  }

  @Override
  public Signer signer() {
    return new Bins(this);
  }

  private static final class Bins extends Signer.OfHashes {
    private static final long EMPTY = Long.MAX_VALUE;

    private final long mask;
    private final long[] minima;

    Bins(OnePermutationHash scheme) {
      super(scheme);
      mask = mix(scheme.seed + 0x5851F42D4C957F2DL);
      minima = new long[scheme.permutations];
    }

    @Override
    void sign(long[] hashes, int count) {
      long[] least = minima;
      int bins = least.length;
      Arrays.fill(least, EMPTY);
      for (int i = 0; i < count; i++) {
        long hash = mix(hashes[i] ^ mask);
        int bin = (int) (((hash >>> 32) * bins) >>> 32);
        least[bin] = Math.min(least[bin], hash & 0xFFFFFFFFL);
      }
      int[] signature = signature();
      for (int bin = 0; bin < bins; bin++) {
        long value = least[bin];
        signature[bin] = (int) (value == EMPTY ? drawn(bin) : value);
      }
    }

    private long drawn(int bin) {
      int from = bin;
      for (long attempt = 1; minima[from] == EMPTY; attempt++) {
        long draw = mix(mask + (attempt << 16) + bin);
        from = (int) (((draw >>> 32) * minima.length) >>> 32);
      }
      return minima[from];
    }
  }
}
