package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import com.dynatrace.hash4j.similarity.ElementHashProvider;
import com.dynatrace.hash4j.similarity.SimilarityHashPolicy;
import com.dynatrace.hash4j.similarity.SimilarityHasher;
import com.dynatrace.hash4j.similarity.SimilarityHashing;
import com.dynatrace.hash4j.similarity.SuperMinHashVersion;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * SuperMinHash: the values of a signature are one shuffled sequence a shingle, so that they repel
 * each other; the estimate has less variance than independent permutations where the union of two
 * texts has not many more shingles than the signature has values, and the same beyond.
 *
 * <p>Computed by hash4j 0.31 (version 1 of its algorithm), from this library's 64-bit shingle
 * hashes, with 32 bits a value. A text costs hash4j one array of its signature's size.
 *
 * <p><b>Relations.</b> {@link OnePermutationHash} costs a fraction on long texts.
 *
 * @param version the version of the algorithm, {@link #VERSION} for new signatures
 * @param shingles what is hashed
 * @param permutations values of a signature, 1 to 4096
 * @param seed chooses the hash functions
 */
@Paper(
    title = "SuperMinHash - A New Minwise Hashing Algorithm for Jaccard Similarity Estimation",
    arxiv = "1706.05698",
    where = "Algorithm 4")
public record SuperMinHash(int version, Shingles shingles, int permutations, long seed)
    implements SignatureScheme {
  /** The version that this code computes. */
  public static final int VERSION = 1;

  /** 128 values over word 5-grams. */
  public static final SuperMinHash PAPER =
      new SuperMinHash(VERSION, new Shingles(ShingleUnit.WORDS, 5), 128, 1);

  public SuperMinHash {
    SchemeJson.checkVersion("SuperMinHash", version, VERSION);
    Check.that(shingles != null, "SuperMinHash.shingles", "must be given");
    Check.range("SuperMinHash.permutations", permutations, 1, true, 4096, true);
  }

  @Override
  public Signer signer() {
    return new Shuffles(this);
  }

  private static final class Shuffles extends Signer.OfHashes implements ElementHashProvider {
    private final long mask;
    private final SimilarityHashPolicy policy;
    private final SimilarityHasher shuffle;
    private long[] elements;
    private int count;

    Shuffles(SuperMinHash scheme) {
      super(scheme);
      mask = mix(scheme.seed + 0x2545F4914F6CDD1DL);
      policy =
          SimilarityHashing.superMinHash(scheme.permutations, Integer.SIZE, SuperMinHashVersion.V1);
      shuffle = policy.createHasher();
    }

    @Override
    void sign(long[] hashes, int found) {
      elements = hashes;
      count = found;
      byte[] packed = shuffle.compute(this);
      int[] signature = signature();
      for (int i = 0; i < signature.length; i++) {
        signature[i] = (int) policy.getComponent(packed, i);
      }
    }

    @Override
    public long getElementHash(int element) {
      return mix(elements[element] ^ mask);
    }

    @Override
    public int getNumberOfElements() {
      return count;
    }
  }
}
