package io.batchwright.data.dedup;

/** The members of {@link SignatureScheme}, as a recipe names them. */
public enum SignatureKind {
  /** {@link OnePermutationHash}. */
  ONE_PERMUTATION {
    @Override
    public SignatureScheme scheme(Shingles shingles, int permutations, long seed) {
      return new OnePermutationHash(OnePermutationHash.VERSION, shingles, permutations, seed);
    }
  },
  /** {@link SuperMinHash}. */
  SUPER_MIN_HASH {
    @Override
    public SignatureScheme scheme(Shingles shingles, int permutations, long seed) {
      return new SuperMinHash(SuperMinHash.VERSION, shingles, permutations, seed);
    }
  },
  /** {@link DatasketchMinHash}, which takes characters only. */
  DATASKETCH {
    @Override
    public SignatureScheme scheme(Shingles shingles, int permutations, long seed) {
      if (shingles.unit() != ShingleUnit.CHARACTERS) {
        throw new IllegalArgumentException(
            "unit must be CHARACTERS where the signature is DATASKETCH, got " + shingles.unit());
      }
      return new DatasketchMinHash(DatasketchMinHash.VERSION, shingles.size(), permutations, seed);
    }
  };

  /**
   * The scheme of this kind.
   *
   * @param shingles what is hashed
   * @param permutations values of a signature, 1 to 4096
   * @param seed chooses the hash functions
   * @throws IllegalArgumentException if the kind cannot hash such shingles
   */
  public abstract SignatureScheme scheme(Shingles shingles, int permutations, long seed);
}
