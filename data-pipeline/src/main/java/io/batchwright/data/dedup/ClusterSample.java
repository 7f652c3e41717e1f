package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import java.io.Serializable;
import net.openhft.hashing.LongHashFunction;

/**
 * Draws a share of documents so that copies come together: a document is drawn if the least hash of
 * its shingles is below a bound (one value of a MinHash signature).
 *
 * <p>Equal texts are drawn together or not at all. Two texts of Jaccard similarity {@code s} have
 * the same least hash with probability {@code s}, so a pair is drawn with probability {@code share
 * (s + (1 - s) share)}, where independent draws would have {@code share^2}.
 *
 * @param shingles what similarity is measured on
 * @param share the share of documents, in (0, 1]
 * @param seed chooses the hash
 */
public record ClusterSample(Shingles shingles, double share, long seed) implements Serializable {
  private static final LongHashFunction TEXT = LongHashFunction.xx3();

  public ClusterSample {
    Check.that(shingles != null, "ClusterSample.shingles", "must be given");
    Check.range("ClusterSample.share", share, 0, false, 1, true);
  }

  /**
   * The unit of {@code text}: its least hash, which texts that are drawn together share. A text
   * without shingles is its own unit.
   *
   * @param hasher of {@link #shingles}; one a thread
   */
  public long unit(ShingleHasher hasher, String text) {
    int count = hasher.hash(text);
    long[] hashes = hasher.hashes();
    long mask = Mix.mix(seed + 0x2545F4914F6CDD1DL);
    long least = count == 0 ? Mix.mix(TEXT.hashChars(text.strip()) ^ mask) : Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, Mix.mix(hashes[i] ^ mask));
    }
    return Mix.mix(least + mask);
  }

  /** Whether texts of {@code unit} are drawn. */
  public boolean draws(long unit) {
    return (unit >>> 11) * 0x1p-53 < share;
  }
}
