package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;

/**
 * Finds near-duplicates: documents whose shingle sets have a Jaccard similarity of at least {@code
 * threshold}.
 *
 * <p><b>Candidates.</b> Two documents of similarity {@code s} share at least one of {@code b} bands
 * of {@code r} signature values with probability {@code 1 - (1 - s^r)^b}: with 16 bands of 8 rows
 * 0.24 at 0.6, 0.61 at 0.7, 0.947 at 0.8, 0.9999 at 0.9. In each bucket members are compared in the
 * order of their ordinals with the bucket's anchors; the first member is an anchor, and a member
 * that is similar enough to no anchor becomes one, up to {@code anchorsPerBucket} and 8 million
 * shingles; members beyond that are counted as {@code beyond_cap}. No list of a bucket is ever held
 * in memory: one of a million members streams through.
 *
 * <p><b>Truth.</b> Similarity is computed exactly on the candidates' shingle sets; nothing is
 * removed on an estimate.
 *
 * <p><b>Clusters</b> are the connected components of verified pairs, and each keeps its member with
 * the least ordinal. Components may chain: A is near B and B near C without A near C. The reported
 * similarity is the exact one to the survivor, which then lies below the threshold.
 *
 * <p><b>Deviations from the paper.</b> SlimPajama uses 9 bands of 13 rows on character 13-grams,
 * which find 40 % of the pairs at 0.8, does not verify pairs, and keeps an arbitrary member; here
 * signatures are {@link OnePermutationHash}es, shingles are words by default.
 *
 * <p><b>Relations.</b> {@link ExactHash} goes first.
 *
 * @param permutations values of a signature, at least {@code bands * rows}
 * @param bands bands of a signature, each one bucket key
 * @param rows signature values in a band
 * @param shingleSize units in a shingle: 5 words, or 13 characters
 * @param unit what a shingle is made of
 * @param threshold the least Jaccard similarity of a duplicate, in (0, 1]
 * @param anchorsPerBucket the most anchors of one bucket that a member is compared with
 * @param seed chooses the hash functions
 */
@Paper(
    title = "On the resemblance and containment of documents (Broder, 1997); SlimPajama-DC",
    arxiv = "2309.10818",
    where = "MinHashLSH, section 2")
public record MinHashLsh(
    int permutations,
    int bands,
    int rows,
    int shingleSize,
    ShingleUnit unit,
    double threshold,
    int anchorsPerBucket,
    long seed)
    implements Deduplicator {
  /** 128 permutations in 16 bands of 8, word 5-grams, similarity 0.8. */
  public static final MinHashLsh PAPER =
      new MinHashLsh(128, 16, 8, 5, ShingleUnit.WORDS, 0.8, 64, 1);

  public MinHashLsh {
    Check.range("MinHashLsh.permutations", permutations, 1, true, 4096, true);
    Check.range("MinHashLsh.bands", bands, 1, true, permutations, true);
    Check.range("MinHashLsh.rows", rows, 1, true, permutations, true);
    Check.that(
        (long) bands * rows <= permutations,
        "MinHashLsh.bands * rows",
        "must be at most permutations (%d), got %d * %d".formatted(permutations, bands, rows));
    Check.range("MinHashLsh.shingleSize", shingleSize, 1, true, 1024, true);
    Check.that(unit != null, "MinHashLsh.unit", "must be given");
    Check.range("MinHashLsh.threshold", threshold, 0, false, 1, true);
    Check.range("MinHashLsh.anchorsPerBucket", anchorsPerBucket, 1, true, 65536, true);
  }

  /** These parameters on shingles of {@code size} {@code units}. */
  public MinHashLsh on(ShingleUnit units, int size) {
    return new MinHashLsh(
        permutations, bands, rows, size, units, threshold, anchorsPerBucket, seed);
  }

  /** What similarity is measured on. */
  public Shingles shingles() {
    return new Shingles(unit, shingleSize);
  }

  /** How signatures are made. */
  public SignatureScheme scheme() {
    return SignatureKind.ONE_PERMUTATION.scheme(shingles(), permutations, seed);
  }

  /** The probability that a pair of this similarity becomes a candidate. */
  public double recallAt(double similarity) {
    return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
  }

  @Override
  public String reason() {
    return "near_duplicate";
  }

  @Override
  public Duplicates find(DuplicateSearch search) {
    return new NearDuplicates(this, search).find();
  }
}
