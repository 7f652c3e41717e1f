package io.batchwright.train.loss;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Which texts of the global batch are known to answer a query, and so are no negatives of it.
 *
 * <p>Two pairs with the same positive, or with the same equal hash, are no negatives of each other.
 * A mined negative is none of a pair whose positive is the same text; with the equal hash, neither
 * of a pair whose query has that text as a positive elsewhere in the batch.
 */
final class FalseNegatives {
  private final GatheredPairs all;
  private final boolean samePositive;
  private final boolean equalHash;
  private final Map<Long, int[]> pairsByPositive;
  private final Map<Long, int[]> pairsByHash;
  private final Map<Long, int[]> negativesById;

  FalseNegatives(GatheredPairs all, boolean samePositive, boolean equalHash) {
    this.all = all;
    this.samePositive = samePositive;
    this.equalHash = equalHash;
    this.pairsByPositive = samePositive ? places(all.positiveIds()) : Map.of();
    this.pairsByHash = equalHash ? places(all.equalHashes()) : Map.of();
    this.negativesById =
        samePositive && all.negatives().isPresent()
            ? places(all.negatives().get().ids())
            : Map.of();
  }

  /** The pairs j other than {@code pair} that are no negatives of it; some perhaps twice. */
  void pairsLike(int pair, IntConsumer consumer) {
    for (int[] places : List.of(samePositives(pair), sameHashes(pair))) {
      for (int j : places) {
        if (j != pair) {
          consumer.accept(j);
        }
      }
    }
  }

  /** The mined negatives k that are none of {@code pair}; some perhaps twice. */
  void negativesLike(int pair, IntConsumer consumer) {
    if (negativesById.isEmpty()) {
      return;
    }
    Set<Long> answers = new HashSet<>();
    answers.add(all.positiveIds()[pair]);
    for (int j : sameHashes(pair)) {
      answers.add(all.positiveIds()[j]);
    }
    for (long answer : answers) {
      for (int k : negativesById.getOrDefault(answer, new int[0])) {
        consumer.accept(k);
      }
    }
  }

  private int[] samePositives(int pair) {
    return samePositive ? pairsByPositive.get(all.positiveIds()[pair]) : new int[0];
  }

  private int[] sameHashes(int pair) {
    return equalHash ? pairsByHash.get(all.equalHashes()[pair]) : new int[0];
  }

  private static Map<Long, int[]> places(long[] values) {
    Map<Long, int[]> places = new HashMap<>(2 * values.length);
    for (int i = 0; i < values.length; i++) {
      int place = i;
      places.merge(
          values[i],
          new int[] {place},
          (old, added) -> {
            int[] longer = Arrays.copyOf(old, old.length + 1);
            longer[old.length] = place;
            return longer;
          });
    }
    return places;
  }
}
