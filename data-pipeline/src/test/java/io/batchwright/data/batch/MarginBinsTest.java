package io.batchwright.data.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MarginBinsTest {
  @Test
  void binsHaveEqualWidthAndTheLargestMarginIsInTheLast() {
    float[] margins = {0, 0.99f, 1, 4.5f, 9, 9.99f, 10};
    assertThat(MarginBins.of(margins, 10)).containsExactly(0, 0, 1, 4, 9, 9, 9);
    assertThat(MarginBins.of(new float[] {-3, -1, 1}, 2)).containsExactly(0, 1, 1);
  }

  @Test
  void rangesWhoseStepsDoNotAddUpExactlyStayInRange() {
    for (int i = 1; i < 2_000; i++) {
      float[] margins = {-i * 0.1f, i * 0.033f};
      assertThat(MarginBins.of(margins, 10)).containsExactly(0, 9);
    }
  }

  @Test
  void equalMarginsShareABin() {
    assertThat(MarginBins.of(new float[] {2.5f, 2.5f, 2.5f}, 10)).containsOnly(0);
    int[] counts = new int[3];
    for (int epoch = 0; epoch < 3_000; epoch++) {
      RandomStream random = RandomStream.of(1, "margins", epoch, 0);
      counts[MarginBins.draw(new float[] {2.5f, 2.5f, 2.5f}, 10, random)]++;
    }
    assertThat(Arrays.stream(counts).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(900, 1_100));
  }

  @Test
  void binsAreEquallyLikelyHoweverManyPairsTheyHold() {
    // 97 easy pairs in one bin, a hard one, and one between: a third each, not 97 %.
    float[] margins = new float[99];
    for (int i = 0; i < 97; i++) {
      margins[i] = 9.5f + i * 0.005f;
    }
    margins[98] = 5;
    int[] bins = new int[3];
    for (int epoch = 0; epoch < 9_000; epoch++) {
      int drawn = MarginBins.draw(margins, 10, RandomStream.of(1, "margins", epoch, 0));
      bins[drawn < 97 ? 0 : drawn - 96]++;
    }
    assertThat(Arrays.stream(bins).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(2_800, 3_200));
  }
}
