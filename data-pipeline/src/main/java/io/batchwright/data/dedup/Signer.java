package io.batchwright.data.dedup;

/**
 * Signs one text after another by one {@link SignatureScheme}; not thread-safe. Once its buffers
 * have grown to the longest text, a text costs no object.
 */
public abstract class Signer {
  private final int[] signature;

  Signer(int permutations) {
    signature = new int[permutations];
  }

  /**
   * Signs {@code text} into {@link #signature()}.
   *
   * @return false for a text without shingles, which has no signature
   */
  public abstract boolean sign(String text);

  /**
   * The signature of the last text, overwritten by the next: copy it to keep it. Undefined after a
   * text without shingles.
   */
  public final int[] signature() {
    return signature;
  }

  /** The number of the last text's shingles, repeats included. */
  public abstract int shingles();

  /**
   * Signs the first {@code count} > 0 hashes of shingles; neither order nor repeats change the
   * result.
   */
  abstract void sign(long[] hashes, int count);

  /** A signer whose signature depends on the 64-bit hashes of shingles. */
  abstract static class OfHashes extends Signer {
    private final ShingleHasher hasher;
    private int count;

    OfHashes(SignatureScheme scheme) {
      super(scheme.permutations());
      hasher = scheme.shingles().hasher();
    }

    @Override
    public final boolean sign(String text) {
      count = hasher.hash(text);
      if (count > 0) {
        sign(hasher.hashes(), count);
      }
      return count > 0;
    }

    @Override
    public final int shingles() {
      return count;
    }

    /** The hasher, which holds the last text's shingles. */
    final ShingleHasher hasher() {
      return hasher;
    }
  }
}
