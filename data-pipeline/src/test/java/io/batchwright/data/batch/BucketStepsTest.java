package io.batchwright.data.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BucketStepsTest {
  @Test
  void everyRankGetsItsOwnPlaceOrIsDropped() {
    SplittableRandom random = new SplittableRandom(17);
    for (int round = 0; round < 200; round++) {
      TreeMap<Integer, Long> counts = new TreeMap<>();
      long total = 0;
      for (int bucket = 0; bucket < 1 + random.nextInt(6); bucket++) {
        counts.put(bucket, (long) 1 + random.nextInt(50));
        total += counts.get(bucket);
      }
      int size = 1 + random.nextInt(12);
      boolean dropLast = random.nextBoolean();
      BucketSteps steps =
          new BucketSteps(
              counts, new RandomBatches(size, dropLast), new PlanKey(round, 0), EpochRange.ALL);
      Set<Long> slots = new HashSet<>();
      long dropped = 0;
      long rank = 0;
      for (Map.Entry<Integer, Long> bucket : counts.entrySet()) {
        for (long i = 0; i < bucket.getValue(); i++) {
          BucketSteps.Place place = steps.place(bucket.getKey(), rank++);
          if (place == null) {
            dropped++;
          } else {
            assertThat(place.step()).isBetween(0L, steps.steps() - 1);
            assertThat(place.position()).isBetween(0, size - 1);
            assertThat(slots.add(place.step() * size + place.position())).isTrue();
          }
        }
      }
      assertThat(dropped).isEqualTo(dropLast ? total % size : 0);
      assertThat(steps.steps()).isEqualTo((total - dropped + size - 1) / size);
    }
  }

  @Test
  void whatTheLastStepLosesIsDrawnOverAllBuckets() {
    TreeMap<Integer, Long> counts = new TreeMap<>(Map.of(0, 100L, 1, 90L, 2, 70L, 3, 41L));
    Set<Integer> losing = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      BucketSteps steps =
          new BucketSteps(
              counts, new RandomBatches(32, true), new PlanKey(3, epoch), EpochRange.ALL);
      long rank = 0;
      for (Map.Entry<Integer, Long> bucket : counts.entrySet()) {
        for (long i = 0; i < bucket.getValue(); i++) {
          if (steps.place(bucket.getKey(), rank++) == null) {
            losing.add(bucket.getKey());
          }
        }
      }
    }
    assertThat(losing).hasSizeGreaterThanOrEqualTo(3);
  }
}
