package io.batchwright.jobs.bench.engine;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Some steps' texts of mixed lengths: log-normal, queries of 12 tokens and positives of 48 in the
 * median, from 4 to {@code shape.length()}.
 */
final class MixedTexts {
  /** Steps of a comparison. */
  static final int STEPS = 8;

  private static final int SHORTEST = 4;
  private static final double[] MEDIANS = {12, 48};
  private static final double[] SPREADS = {0.4, 0.7};

  private final StepShape shape;
  private final int[][] lengths = new int[2][];
  private final int[] order;

  /**
   * Draws them.
   *
   * @param sorted whether pairs come by the length of the positive, then of the query
   */
  MixedTexts(StepShape shape, boolean sorted) {
    this(shape, sorted, STEPS);
  }

  /** {@link #MixedTexts(StepShape, boolean)} of another number of steps. */
  MixedTexts(StepShape shape, boolean sorted, int steps) {
    this.shape = shape;
    int pairs = steps * shape.pairs();
    for (int role = 0; role < 2; role++) {
      lengths[role] = draw(role, pairs, shape.length());
    }
    order =
        IntStream.range(0, pairs)
            .boxed()
            .sorted(
                sorted
                    ? Comparator.<Integer>comparingInt(pair -> lengths[1][pair])
                        .thenComparingInt(pair -> lengths[0][pair])
                    : Comparator.naturalOrder())
            .mapToInt(Integer::intValue)
            .toArray();
  }

  private static int[] draw(int role, int pairs, int longest) {
    RandomStream stream = RandomStream.of(role, "lengths of texts", 0, 0);
    return IntStream.range(0, pairs)
        .map(
            pair -> {
              double length = MEDIANS[role] * Math.exp(SPREADS[role] * stream.gaussianAt(pair));
              return (int) Math.max(SHORTEST, Math.min(longest, Math.round(length)));
            })
        .toArray();
  }

  /** Tokens of all texts. */
  long tokens() {
    return Arrays.stream(lengths).flatMapToInt(Arrays::stream).asLongStream().sum();
  }

  /** The lengths of a step's queries (0) or positives (1): [pairs]. */
  int[] lengths(int role, int step) {
    return Arrays.stream(order, step * shape.pairs(), (step + 1) * shape.pairs())
        .map(pair -> lengths[role][pair])
        .toArray();
  }

  /** Where a step's texts begin when nothing lies between them: [pairs + 1]. */
  int[] offsets(int role, int step) {
    int[] offsets = new int[shape.pairs() + 1];
    int[] of = lengths(role, step);
    for (int i = 0; i < of.length; i++) {
      offsets[i + 1] = offsets[i] + of[i];
    }
    return offsets;
  }

  /** Uniform tokens for so many places. */
  int[] tokens(int role, int step, int places) {
    RandomStream stream = RandomStream.of(role, "tokens of mixed texts", step, 0);
    return IntStream.range(0, places)
        .map(i -> (int) stream.belowAt(i, shape.vocabulary()))
        .toArray();
  }
}
