package io.batchwright.jobs.bench.dedup;

import java.util.List;

/**
 * Real texts with planted near-duplicates and adversaries, the same for the same seed and texts.
 *
 * @param documents every document
 * @param pairs the planted pairs of known similarity, which touch no other document
 */
record PlantedSet(List<Planted> documents, List<PlantedPair> pairs) {
  /** The similarities that pairs are planted at. */
  static final List<Double> TARGETS = List.of(0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0);

  PlantedSet {
    documents = List.copyOf(documents);
    pairs = List.copyOf(pairs);
  }

  /**
   * A document.
   *
   * @param id names its kind first, such as {@code chain/3/B}
   * @param text its text
   */
  record Planted(String id, String text) {
    /** What it is there for, such as {@code template}. */
    String kind() {
      return id.substring(0, id.indexOf('/'));
    }
  }

  /**
   * A text and its edited copy.
   *
   * @param a the text's place among the documents
   * @param b the copy's
   * @param target the similarity it was planted at
   * @param jaccard their exact similarity, at or above the target by less than one shingle's worth
   */
  record PlantedPair(int a, int b, double target, double jaccard) {}

  /**
   * How many of each.
   *
   * @param pairsPerTarget planted pairs at each similarity
   * @param families shared templates, boilerplate headers, chains, containments and texts in other
   *     scripts: so many of each
   * @param hotMembers near-equal documents that share their buckets
   * @param longCharacters length of the longest document
   */
  record Sizes(int pairsPerTarget, int families, int hotMembers, int longCharacters) {
    /** Texts that a set of this size is made from, at least. */
    int bases() {
      return pairsPerTarget * TARGETS.size() + families * 30 + 20;
    }
  }
}
