package io.batchwright.data.dedup;

/** How alike two shingle sets are. */
public enum Measure {
  /** {@code |a and b| / |a or b|}. */
  JACCARD {
    @Override
    double from(byte[] anchor, byte[] member, double threshold) {
      return Shingles.jaccardFrom(anchor, member, threshold);
    }
  },
  /**
   * The share of the member's shingles that stand in its survivor, {@code |a and m| / |m|}: what
   * goes is contained in what stays, which may be much longer.
   */
  CONTAINMENT {
    @Override
    double from(byte[] anchor, byte[] member, double threshold) {
      int size = member.length / Long.BYTES;
      // |a and m| = j (|a| + |m|) / (1 + j), so the containment needed is this Jaccard similarity.
      int anchors = anchor.length / Long.BYTES;
      if (size == 0) {
        return anchors == 0 ? 1 : -1;
      }
      double needed = Math.max(0, threshold * size - 1e-9);
      double least = needed / Math.max(1, anchors + size - needed);
      double jaccard = Shingles.jaccardFrom(anchor, member, Math.max(0, least - 1e-12));
      if (jaccard < 0) {
        return -1;
      }
      double containment = Math.rint(jaccard * (anchors + size) / (1 + jaccard)) / size;
      return containment >= threshold ? containment : -1;
    }
  };

  /**
   * The exact similarity of two packed sets where it reaches {@code threshold}, else -1.
   *
   * @param anchor the set of the document that stays
   * @param member the set of the one that would go
   */
  abstract double from(byte[] anchor, byte[] member, double threshold);
}
