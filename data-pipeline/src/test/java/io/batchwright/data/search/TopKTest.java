package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TopKTest {
  @Test
  void theBestInWhateverOrderAreThoseOfASort() {
    RandomStream random = RandomStream.of(3, "scores", 0, 0);
    float[] values = new float[100 * 64 + 7];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.belowAt(i, 500); // many ties
    }
    TopK top = new TopK(20);
    for (int i = 0; i < values.length; i++) {
      int document = (int) random.permutedIndex(i, values.length);
      top.offer(values[document], document);
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
    assertThat(top.takes(Float.NEGATIVE_INFINITY, 0)).isTrue();
    top.offer(3, 0);
    top.offer(1, 16);
    assertThat(top.takes(1, 17)).isFalse();
    assertThat(top.takes(1, 1)).as("it ranks before document 16").isTrue();
    assertThat(top.takes(Math.nextUp(1f), 17)).isTrue();
    assertThat(top.takes(Float.NaN, 17)).as("it may hide a number").isTrue();
    top.offer(Float.NaN, 17);
    top.offer(1, 1);
    assertThat(top.best().documents()).containsExactly(0, 1);
    assertThat(new TopK(0).takes(7, 0)).isFalse();
  }
}
