package io.batchwright.data.batch;

import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.SortedMap;

/**
 * The closed form of {@link RandomBatches}: from a sample's rank among all samples (by bucket, then
 * shuffled) to its step and position.
 *
 * <p>Bucket b with n_b samples fills floor(n_b / P) steps. The rest of all buckets, R samples in
 * the order of the buckets, fills floor(R / P) mixed steps; of the last R mod P, a stretch that
 * starts at a random place is dropped, so that it is not always the longest samples that go.
 */
final class BucketSteps implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] buckets;
  private final long[] firstRank;
  private final long[] firstStep;
  private final long[] firstRest;
  private final long[] fullSteps;
  private final long mixedFrom;
  private final long steps;
  private final long rest;
  private final long dropped;
  private final long dropFrom;
  private final int pairsPerStep;
  private final PlanKey key;
  private final long maximum;
  private transient RandomStream order;

  /** Where a sample goes. */
  record Place(long step, int position, int shape) {}

  /**
   * Places samples.
   *
   * @param counts samples of each bucket
   * @param maximum steps of the epoch that are kept, at least 0
   */
  BucketSteps(SortedMap<Integer, Long> counts, RandomBatches recipe, PlanKey key, long maximum) {
    this.key = key;
    this.maximum = maximum;
    this.pairsPerStep = recipe.pairsPerStep();
    int size = counts.size();
    buckets = counts.keySet().stream().mapToInt(Integer::intValue).toArray();
    firstRank = new long[size];
    firstStep = new long[size];
    firstRest = new long[size];
    fullSteps = new long[size];
    long rank = 0;
    long step = 0;
    long left = 0;
    for (int b = 0; b < size; b++) {
      long count = counts.get(buckets[b]);
      firstRank[b] = rank;
      firstStep[b] = step;
      firstRest[b] = left;
      fullSteps[b] = count / pairsPerStep;
      rank += count;
      step += fullSteps[b];
      left += count % pairsPerStep;
    }
    rest = left;
    mixedFrom = step;
    dropped = recipe.dropLast() ? rest % pairsPerStep : 0;
    dropFrom =
        dropped == 0
            ? 0
            : RandomStream.of(key.seed(), "batch.drop", key.epoch(), 0).belowAt(0, rest);
    steps = mixedFrom + (rest - dropped + pairsPerStep - 1) / pairsPerStep;
  }

  long steps() {
    return steps;
  }

  /** The steps of the epoch that are kept: those before this one. */
  long keptSteps() {
    return Math.min(steps, maximum);
  }

  /** The place of the sample with {@code rank} among all, or null where it is dropped. */
  Place place(int bucket, long rank) {
    int b = Arrays.binarySearch(buckets, bucket);
    long within = rank - firstRank[b];
    if (within < fullSteps[b] * pairsPerStep) {
      return at(firstStep[b] * pairsPerStep + within, bucket);
    }
    long left = firstRest[b] + within - fullSteps[b] * pairsPerStep;
    long fromDrop = Math.floorMod(left - dropFrom, Math.max(1, rest));
    if (fromDrop < dropped) {
      return null;
    }
    long wrapped = Math.max(0, dropFrom + dropped - rest);
    long droppedBefore = Math.min(left, wrapped) + Math.min(dropped, Math.max(0, left - dropFrom));
    return at(mixedFrom * pairsPerStep + left - droppedBefore, Plan.MIXED);
  }

  private Place at(long slot, int shape) {
    if (order == null) {
      order = order(key);
    }
    return new Place(
        order.permutedIndex(slot / pairsPerStep, steps), (int) (slot % pairsPerStep), shape);
  }

  /** The stream that puts steps into their order. */
  static RandomStream order(PlanKey key) {
    return RandomStream.of(key.seed(), "batch.order", key.epoch(), 0);
  }
}
