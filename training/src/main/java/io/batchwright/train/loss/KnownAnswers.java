package io.batchwright.train.loss;

import java.util.Arrays;

/**
 * All texts that are known to answer the query of each pair, whichever pairs bring them.
 *
 * <p>The positive of a pair need not be among its own.
 *
 * @param offsets where the texts of each pair start, and the end of the last: {@code offsets[i] ..
 *     offsets[i + 1]} are those of pair i, [N + 1]; [0] where nothing is known beyond the pairs
 * @param ids identity of each text, comparable with {@link GatheredPairs#positiveIds}
 */
public record KnownAnswers(int[] offsets, long[] ids) {
  /** Nothing is known beyond the pairs. */
  public static final KnownAnswers NONE = new KnownAnswers(new int[0], new long[0]);

  /** From how many each pair has, [N], and all of them one after the other. */
  public static KnownAnswers of(long[] counts, long[] ids) {
    int[] offsets = new int[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      offsets[i + 1] = Math.toIntExact(offsets[i] + counts[i]);
    }
    return new KnownAnswers(offsets, ids);
  }

  /** Those of a pair. */
  long[] of(int pair) {
    return offsets.length == 0
        ? new long[0]
        : Arrays.copyOfRange(ids, offsets[pair], offsets[pair + 1]);
  }

  void requirePairs(int pairs) {
    boolean fits = offsets.length == pairs + 1 && offsets[0] == 0 && offsets[pairs] == ids.length;
    if (offsets.length > 0 && !fits) {
      throw new IllegalArgumentException(
          "known answers of %d pairs, %d of them, do not fit %d pairs"
              .formatted(offsets.length - 1, ids.length, pairs));
    }
  }
}
