package io.batchwright.jobs.bench.dedup;

/** Pairs of about one similarity: how many were found, and how many should have been. */
final class RecallBin {
  private int pairs;
  private int found;
  private double expected;
  private double variance;

  /** Counts a pair that is found with {@code probability}. */
  void add(double probability, boolean wasFound) {
    pairs++;
    found += wasFound ? 1 : 0;
    expected += probability;
    variance += probability * (1 - probability);
  }

  int pairs() {
    return pairs;
  }

  /** The share of pairs that was found. */
  double recall() {
    return (double) found / pairs;
  }

  /** The share that the curve promises. */
  double expected() {
    return expected / pairs;
  }

  /**
   * By how many standard deviations more were found than promised; where the curve leaves less than
   * one pair to chance, a pair counts as one.
   */
  double deviation() {
    return (found - expected) / Math.max(Math.sqrt(variance), 1);
  }
}
