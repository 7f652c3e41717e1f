package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void whatFillsUpIsLittleShortAndBehindTheTexts() {
    for (int draw = 0; draw < 500; draw++) {
      RandomStream stream = RandomStream.of(3, "texts", 0, draw);
      int count = 1 + (int) stream.belowAt(0, 300);
      int most = 1 + (int) stream.belowAt(1, 200);
      Texts texts = drawn(stream, count, most);
      Texts filled = texts.filled();
      int tokens = texts.tokens().length;
      int all = filled.tokens().length;
      int longest = longest(texts);
      String what = "draw %d: %d texts, %d tokens".formatted(draw, count, tokens);
      assertThat(Arrays.copyOf(filled.tokens(), tokens)).as(what).isEqualTo(texts.tokens());
      assertThat(Arrays.copyOf(filled.offsets(), count + 1)).as(what).isEqualTo(texts.offsets());
      assertThat(filled.offsets()[filled.size()]).as(what).isEqualTo(all);
      assertThat(filled.size() - count).as(what).isBetween(count / 16 + 6, count / 5 + 7);
      assertThat(all - tokens).as(what).isBetween(1, tokens / 32 + 63 + count / 5 + 7);
      assertThat(IntStream.range(count, filled.size()).mapToObj(i -> length(filled, i)))
          .as(what)
          .allMatch(length -> length >= 1 && length <= longest);
      Set<Integer> known = new HashSet<>(IntStream.of(texts.tokens()).boxed().toList());
      assertThat(IntStream.of(filled.tokens()).boxed().toList()).as(what).allMatch(known::contains);
    }
  }

  @Test
  void batchesOfManyLengthsHaveFewShapes() {
    for (int count : new int[] {8, 64}) {
      Set<List<Integer>> shapes = new HashSet<>();
      Set<Integer> before = new HashSet<>();
      for (int step = 0; step < 200; step++) {
        Texts texts = drawn(RandomStream.of(4, "texts", 0, step), count, 15 * count / 8);
        before.add(texts.tokens().length);
        shapes.add(List.of(texts.filled().size(), texts.filled().tokens().length));
      }
      assertThat(before.size()).isGreaterThan(40);
      assertThat(shapes.size()).isLessThan(before.size() / 5);
    }
  }

  @Test
  void withoutATokenThereIsNothingToFillUpWith() {
    for (Texts texts :
        List.of(new Texts(new int[0], new int[1]), new Texts(new int[0], new int[3]))) {
      assertThat(texts.filled()).isSameAs(texts);
    }
  }

  /** Some of them empty. */
  private static Texts drawn(RandomStream stream, int count, int most) {
    int[] offsets = new int[count + 1];
    for (int i = 0; i < count; i++) {
      int length = i == 0 ? most : (int) stream.belowAt(10 + i, most + 1);
      offsets[i + 1] = offsets[i] + length;
    }
    int[] tokens =
        IntStream.range(0, offsets[count])
            .map(t -> (int) stream.belowAt(10_000 + t, 1_000))
            .toArray();
    return new Texts(tokens, offsets);
  }

  private static int length(Texts texts, int text) {
    return texts.offsets()[text + 1] - texts.offsets()[text];
  }

  private static int longest(Texts texts) {
    return IntStream.range(0, texts.size()).map(i -> length(texts, i)).max().orElse(0);
  }
}
