package io.batchwright.train.loss;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Which texts of the global batch are known to answer a query, and so are no negatives of it.
 *
 * <p>With {@code samePositive} a text answers a query if it is the positive of its pair or one of
 * its {@link KnownAnswers}; with {@code equalHash} the positives of a pair with an equal hash
 * answer it too, as two pairs of the same query.
 */
final class FalseNegatives {
  private static final int[] NO_PLACES = {};

  private final GatheredPairs all;
  private final boolean samePositive;
  private final boolean equalHash;
  private final Map<Long, int[]> pairsByPositive;
  private final Map<Long, int[]> pairsByHash;
  private final Map<Long, int[]> negativesById;
  private Map<Long, int[]> pairsByAnswer; // made when first asked for: one direction needs it

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

  /** The pairs j whose positive answers the query of {@code pair}; some perhaps twice. */
  void answersOf(int pair, IntConsumer consumer) {
    alike(pair, consumer);
    if (samePositive) {
      for (long answer : all.answers().of(pair)) {
        others(pair, pairsByPositive.getOrDefault(answer, NO_PLACES), consumer);
      }
    }
  }

  /** The pairs j whose query the positive of {@code pair} answers; some perhaps twice. */
  void answeredBy(int pair, IntConsumer consumer) {
    alike(pair, consumer);
    if (samePositive) {
      long positive = all.positiveIds()[pair];
      others(pair, pairsByAnswer().getOrDefault(positive, NO_PLACES), consumer);
    }
  }

  /** The pairs j of which one answers the query of the other; some perhaps twice. */
  void related(int pair, IntConsumer consumer) {
    answersOf(pair, consumer);
    answeredBy(pair, consumer);
  }

  /** The mined negatives k that are none of {@code pair}; some perhaps twice. */
  void negativesLike(int pair, IntConsumer consumer) {
    if (negativesById.isEmpty()) {
      return;
    }
    Set<Long> answers = new HashSet<>();
    answers.add(all.positiveIds()[pair]);
    for (long answer : all.answers().of(pair)) {
      answers.add(answer);
    }
    for (int j : sameHashes(pair)) {
      answers.add(all.positiveIds()[j]);
    }
    for (long answer : answers) {
      for (int k : negativesById.getOrDefault(answer, NO_PLACES)) {
        consumer.accept(k);
      }
    }
  }

  /** Pairs with the same positive, and pairs with an equal hash. */
  private void alike(int pair, IntConsumer consumer) {
    if (samePositive) {
      others(pair, pairsByPositive.get(all.positiveIds()[pair]), consumer);
    }
    others(pair, sameHashes(pair), consumer);
  }

  private static void others(int pair, int[] places, IntConsumer consumer) {
    for (int j : places) {
      if (j != pair) {
        consumer.accept(j);
      }
    }
  }

  private int[] sameHashes(int pair) {
    return equalHash ? pairsByHash.get(all.equalHashes()[pair]) : NO_PLACES;
  }

  private Map<Long, int[]> pairsByAnswer() {
    if (pairsByAnswer == null) {
      pairsByAnswer = new HashMap<>();
      for (int i = 0; i < all.count(); i++) {
        for (long answer : all.answers().of(i)) {
          add(pairsByAnswer, answer, i);
        }
      }
    }
    return pairsByAnswer;
  }

  private static Map<Long, int[]> places(long[] values) {
    Map<Long, int[]> places = new HashMap<>(2 * values.length);
    for (int i = 0; i < values.length; i++) {
      add(places, values[i], i);
    }
    return places;
  }

  private static void add(Map<Long, int[]> places, long value, int place) {
    places.merge(
        value,
        new int[] {place},
        (old, added) -> {
          int[] longer = Arrays.copyOf(old, old.length + 1);
          longer[old.length] = place;
          return longer;
        });
  }
}
