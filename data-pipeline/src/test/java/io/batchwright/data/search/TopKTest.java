package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TopKTest {
  @Test
  void theBestOfManyBlocksAreThoseOfASort() {
    RandomStream random = RandomStream.of(3, "scores", 0, 0);
    float[] values = new float[100 * 64 + 7];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.belowAt(i, 500); // many ties
    }
    TopK top = new TopK(20);
    for (int from = 0; from < values.length; from += 64) {
      float[] block = Arrays.copyOfRange(values, from, Math.min(from + 64, values.length));
      top.offer(block, block.length, from);
    }
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Float.compare(values[b], values[a])); // stable
    int[] expected = Arrays.stream(order).limit(20).mapToInt(Integer::intValue).toArray();
    assertThat(top.best().documents()).containsExactly(expected);
  }

  @Test
  void aScoreIsTakenWhereItIsBetterThanTheWorstKept() {
    TopK top = new TopK(2);
    assertThat(top.takes(Float.NEGATIVE_INFINITY)).isTrue();
    top.offer(new float[] {3, 1}, 2, 0);
    assertThat(top.takes(1)).isFalse();
    assertThat(top.takes(Math.nextUp(1f))).isTrue();
    assertThat(top.takes(Float.NaN)).as("it may hide a number").isTrue();
    top.offer(new float[] {Float.NaN, 2}, 2, 2);
    assertThat(top.best().documents()).containsExactly(0, 3);
    assertThat(new TopK(0).takes(7)).isFalse();
  }
}
