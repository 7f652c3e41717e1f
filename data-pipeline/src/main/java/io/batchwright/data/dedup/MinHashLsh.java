package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import io.batchwright.technique.ConditionalSettings;
import io.batchwright.technique.Paper;
import java.util.Map;

/**
 * Finds near-duplicates: documents whose shingle sets have a Jaccard similarity of at least {@code
 * threshold}.
 *
 * <p><b>Candidates.</b> Two documents of similarity {@code s} share at least one of {@code b} bands
 * of {@code r} signature values with probability {@code 1 - (1 - s^r)^b}: with 16 bands of 8 rows
 * 0.24 at 0.6, 0.61 at 0.7, 0.947 at 0.8, 0.9999 at 0.9. Documents linked by shared bands, directly
 * or by a chain, are a component of candidates; no list of a bucket and no pair is ever stored.
 *
 * <p><b>Truth.</b> Similarity is computed exactly on the candidates' shingle sets; nothing is
 * removed on an estimate, unless {@code verify} is off.
 *
 * <p><b>Clusters.</b> {@link Mode#ANCHORED}: along the order of survival, a document that is
 * similar enough to an anchor of one of its buckets goes, and the first such anchor is its
 * survivor; any other stays, and becomes an anchor of its buckets. So every removed document is at
 * least {@code threshold} similar to a document that stays. A bucket holds up to {@code
 * anchorsPerBucket} anchors; documents that found a full one are counted as {@code beyond_cap}.
 * {@link Mode#COMPONENTS}: the connected components of verified pairs, or of shared bands where
 * {@code verify} is off; components may chain, and the reported similarity to the survivor may lie
 * below the threshold.
 *
 * <p><b>Deviations from the paper.</b> SlimPajama uses 9 bands of 13 rows on character 13-grams,
 * which find 40 % of the pairs at 0.8, does not verify pairs, and keeps an arbitrary member of each
 * component; {@link #SLIMPAJAMA} has those parameters, but keeps the first by the order of
 * survival. Here signatures are {@link OnePermutationHash}es, and shingles are words by default.
 * Bands find pairs of high Jaccard similarity: with {@link Measure#CONTAINMENT} a short text inside
 * a long one is mostly no candidate at all.
 *
 * <p><b>Relations.</b> {@link ExactHash} goes first.
 *
 * @param permutations values of a signature, at least {@code bands * rows}
 * @param bands bands of a signature, each one bucket key
 * @param rows signature values in a band
 * @param shingleSize units in a shingle: 5 words, or 13 characters
 * @param unit what a shingle is made of
 * @param threshold the least similarity of a duplicate, in (0, 1]
 * @param anchorsPerBucket the most anchors of one bucket that a member is compared with
 * @param seed chooses the hash functions
 * @param mode what a cluster is
 * @param measure how similarity is measured
 * @param verify whether pairs are compared exactly; only components can do without
 * @param signature how signatures are made
 * @param normalization what is done to a text before it is cut into shingles
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
    long seed,
    Mode mode,
    Measure measure,
    boolean verify,
    SignatureKind signature,
    Normalization normalization)
    implements Deduplicator, ConditionalSettings {
  /** 128 permutations in 16 bands of 8, word 5-grams, similarity 0.8. */
  public static final MinHashLsh PAPER =
      new MinHashLsh(128, 16, 8, 5, ShingleUnit.WORDS, 0.8, 64, 1);

  /**
   * SlimPajama's: 9 bands of 13 rows of datasketch's signature on character 13-grams, unverified;
   * {@code conf/dedup-slimpajama.yaml}.
   */
  public static final MinHashLsh SLIMPAJAMA =
      new MinHashLsh(
          128,
          9,
          13,
          13,
          ShingleUnit.CHARACTERS,
          0.8,
          64,
          1,
          Mode.COMPONENTS,
          Measure.JACCARD,
          false,
          SignatureKind.DATASKETCH,
          Normalization.NFC);

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
    Check.that(mode != null, "MinHashLsh.mode", "must be given");
    Check.that(measure != null, "MinHashLsh.measure", "must be given");
    Check.that(normalization != null, "MinHashLsh.normalization", "must be given");
    Check.that(
        signature != SignatureKind.DATASKETCH || unit == ShingleUnit.CHARACTERS,
        "MinHashLsh.unit",
        "must be characters where the signature is datasketch, got " + unit);
    Check.that(signature != null, "MinHashLsh.signature", "must be given");
    Check.that(
        verify || mode == Mode.COMPONENTS,
        "MinHashLsh.verify",
        "must be true in mode anchored: an unverified document has no anchor");
  }

  /** Anchored clusters by verified Jaccard similarity. */
  public MinHashLsh(
      int permutations,
      int bands,
      int rows,
      int shingleSize,
      ShingleUnit unit,
      double threshold,
      int anchorsPerBucket,
      long seed) {
    this(
        permutations,
        bands,
        rows,
        shingleSize,
        unit,
        threshold,
        anchorsPerBucket,
        seed,
        Mode.ANCHORED,
        Measure.JACCARD,
        true,
        SignatureKind.ONE_PERMUTATION,
        Normalization.NFC);
  }

  /** These parameters on shingles of {@code size} {@code units}. */
  public MinHashLsh on(ShingleUnit units, int size) {
    return new MinHashLsh(
        permutations,
        bands,
        rows,
        size,
        units,
        threshold,
        anchorsPerBucket,
        seed,
        mode,
        measure,
        verify,
        signature,
        normalization);
  }

  /** These parameters with clusters of another kind. */
  public MinHashLsh clustered(Mode other, boolean verified) {
    return new MinHashLsh(
        permutations,
        bands,
        rows,
        shingleSize,
        unit,
        threshold,
        anchorsPerBucket,
        seed,
        other,
        measure,
        verified,
        signature,
        normalization);
  }

  /** These parameters with another measure and threshold. */
  public MinHashLsh from(Measure other, double least) {
    return new MinHashLsh(
        permutations,
        bands,
        rows,
        shingleSize,
        unit,
        least,
        anchorsPerBucket,
        seed,
        mode,
        other,
        verify,
        signature,
        normalization);
  }

  /** What similarity is measured on. */
  public Shingles shingles() {
    return new Shingles(unit, shingleSize).after(normalization);
  }

  /** How signatures are made. */
  public SignatureScheme scheme() {
    return signature.scheme(shingles(), permutations, seed);
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
  public boolean transitive() {
    return mode == Mode.COMPONENTS;
  }

  @Override
  public Fingerprinter fingerprinter() {
    Signer signer = scheme().signer();
    long[] keys = new long[bands];
    return text -> {
      if (!signer.sign(text)) {
        return null;
      }
      SignatureScheme.bandKeys(signer.signature(), rows, 0, keys);
      return BandKeys.pack(keys, signer.shingles());
    };
  }

  @Override
  public long[] buckets(byte[] print) {
    long[] keys = new long[bands];
    for (int band = 0; band < bands; band++) {
      keys[band] = BandKeys.key(print, band);
    }
    return keys;
  }

  @Override
  public Duplicates find(DuplicateSearch search) {
    return new NearDuplicates(this, search).find();
  }

  @Override
  public Map<String, String> withoutEffect() {
    String reason = "pairs are not compared (verify: false)";
    return verify
        ? Map.of()
        : Map.of("threshold", reason, "anchorsPerBucket", reason, "measure", reason);
  }

  @Override
  public Map<String, String> doubtful() {
    String reason =
        "unrelated texts share many runs of %d characters; %d are usual"
            .formatted(shingleSize, Shingles.FEW_CHARACTERS);
    return shingles().tooShortForCharacters() ? Map.of("shingleSize", reason) : Map.of();
  }
}
