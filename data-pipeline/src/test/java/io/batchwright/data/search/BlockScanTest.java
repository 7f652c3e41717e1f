package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockScanTest {
  private final BlockScan scan = new BlockScan();

  @Test
  void aGreaterScoreIsFoundWhereverItStands() {
    float[] values = new float[3 * BlockScan.SIZE];
    Arrays.fill(values, -2);
    for (int at = 0; at < BlockScan.SIZE; at++) {
      values[17 + at] = -1;
      assertThat(scan.holdsMore(values, 17, -1.5f)).as("at %d", at).isTrue();
      assertThat(scan.holdsMore(values, 17, -1)).as("an equal one at %d", at).isFalse();
      values[17 + at] = -2;
    }
    values[16] = 5;
    values[17 + BlockScan.SIZE] = 5;
    assertThat(scan.holdsMore(values, 17, -2)).as("outside of the block").isFalse();
  }

  @Test
  void whatIsNotANumberHidesNothing() {
    float[] values = new float[BlockScan.SIZE];
    values[3] = Float.NaN;
    values[700] = 1;
    assertThat(scan.holdsMore(values, 0, 0.5f)).isTrue();
  }

  @Test
  void theBestOfManyBlocksAreThoseOfASort() {
    RandomStream random = RandomStream.of(3, "scores", 0, 0);
    float[] values = new float[100 * BlockScan.SIZE + 77];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.belowAt(i, 5_000); // many ties
    }
    TopK top = new TopK(20);
    for (int from = 0; from < values.length; from += 4_096) {
      top.offer(values, from, Math.min(4_096, values.length - from), from, scan);
    }
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Float.compare(values[b], values[a])); // stable
    int[] expected = Arrays.stream(order).limit(20).mapToInt(Integer::intValue).toArray();
    assertThat(top.best().documents()).containsExactly(expected);
  }
}
