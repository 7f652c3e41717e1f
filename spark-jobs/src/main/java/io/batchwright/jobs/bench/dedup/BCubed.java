package io.batchwright.jobs.bench.dedup;

import java.util.HashMap;
import java.util.Map;

/**
 * B-cubed agreement of two clusterings of the same documents (Bagga and Baldwin, 1998): for each
 * document, the share of its found cluster that belongs with it, and the share of what belongs with
 * it that was found; both averaged over documents.
 *
 * @param precision in (0, 1]
 * @param recall in (0, 1]
 */
record BCubed(double precision, double recall) {

  /** The agreement of the clusters that {@code found} names with those that {@code truth} names. */
  static BCubed of(int[] found, int[] truth) {
    if (found.length != truth.length || found.length == 0) {
      throw new IllegalArgumentException(
          "found and truth must name the clusters of the same documents, got %d and %d"
              .formatted(found.length, truth.length));
    }
    Map<Integer, Integer> foundSizes = new HashMap<>();
    Map<Integer, Integer> truthSizes = new HashMap<>();
    Map<Long, Integer> both = new HashMap<>();
    for (int i = 0; i < found.length; i++) {
      foundSizes.merge(found[i], 1, Integer::sum);
      truthSizes.merge(truth[i], 1, Integer::sum);
      both.merge(key(found[i], truth[i]), 1, Integer::sum);
    }
    double precision = 0;
    double recall = 0;
    for (int i = 0; i < found.length; i++) {
      double shared = both.get(key(found[i], truth[i]));
      precision += shared / foundSizes.get(found[i]);
      recall += shared / truthSizes.get(truth[i]);
    }
    return new BCubed(precision / found.length, recall / found.length);
  }

  /** The harmonic mean of precision and recall. */
  double f1() {
    return 2 * precision * recall / (precision + recall);
  }

  private static long key(int found, int truth) {
    return (long) found << 32 | truth & 0xFFFFFFFFL;
  }
}
