package io.batchwright.data.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LengthBucketsTest {
  @Test
  void bucketsHoldEqualTotalLengthNotEqualCounts() {
    TreeMap<Integer, Long> lengths = new TreeMap<>();
    for (int length = 1; length <= 100; length++) {
      lengths.put(length, 100L);
    }
    int[] edges = new LengthBuckets(4).edges(lengths);
    assertThat(edges).hasSize(4).endsWith(100);
    int from = 1;
    for (int edge : edges) {
      long tokens = 0;
      for (int length = from; length <= edge; length++) {
        tokens += length * 100L;
      }
      assertThat(tokens).isBetween(505_000L / 4 - 10_100, 505_000L / 4 + 25_000);
      from = edge + 1;
    }
  }

  @Test
  void oneLengthMakesOneBucket() {
    assertThat(new LengthBuckets(10).edges(new TreeMap<>(java.util.Map.of(7, 50L))))
        .containsExactly(7);
  }

  @Test
  void aWrongNumberNamesFieldValueAndRange() {
    assertThatThrownBy(() -> new LengthBuckets(0))
        .hasMessage("LengthBuckets.buckets must be at least 1, got 0");
  }
}
