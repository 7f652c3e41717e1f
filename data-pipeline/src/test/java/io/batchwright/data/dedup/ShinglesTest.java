package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShinglesTest {
  @Test
  void wordShinglesCountLikeStringShingles() {
    Random random = new Random(3);
    Shingles shingles = new Shingles(ShingleUnit.WORDS, 3);
    for (int round = 0; round < 200; round++) {
      String text = DedupSpark.words(round, 5 + random.nextInt(60)).replace("w1", "v");
      List<String> words = List.of(text.split(" "));
      Set<List<String>> expected = new HashSet<>();
      for (int i = 0; i + 3 <= words.size(); i++) {
        expected.add(words.subList(i, i + 3));
      }
      assertThat(shingles.of(text)).hasSize(expected.size()).isSorted();
    }
  }

  @Test
  void unitsCutWhereTheySay() {
    assertThat(new Shingles(ShingleUnit.WORDS, 1).of("Foo_bar baz, FOO_BAR 12")).hasSize(3);
    assertThat(new Shingles(ShingleUnit.WORD_TOKENS, 1).of("foo_bar(foo);")).hasSize(6);
    assertThat(new Shingles(ShingleUnit.CHARACTERS, 2).of("A,b \n  a")).hasSize(3); // ab, b_, _a
    assertThat(new Shingles(ShingleUnit.WORDS, 1).of("\u6771\u4eac \u30c8\u30ab")).hasSize(4);
    assertThat(
            new Shingles(ShingleUnit.WORDS, 1).of("\ud835\udc00\ud835\udc01 caf\u00e9 CAF\u00c9"))
        .hasSize(2);
  }

  @Test
  void loneSurrogatesAndNulBytesAreText() {
    assertThat(new Shingles(ShingleUnit.WORDS, 2).of("a\ud800 \udc00b c\0d")).isNotEmpty();
  }

  @Test
  void aTextShorterThanAShingleIsOneShingleAndABlankOneNone() {
    for (ShingleUnit unit : ShingleUnit.values()) {
      Shingles shingles = new Shingles(unit, 13);
      assertThat(shingles.of("a b")).hasSize(1).isEqualTo(shingles.of("A  B"));
      assertThat(shingles.of("a b")).isNotEqualTo(shingles.of("a b c"));
      assertThat(shingles.of(". ..")).hasSize(1).isEqualTo(shingles.of(" . \n.. "));
      assertThat(shingles.of(" \t\0")).isEmpty();
    }
  }

  @Test
  void packedSetsCompareLikePlainOnes() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      long[] a = set(random, 1 + random.nextInt(60));
      long[] b = set(random, 1 + random.nextInt(60));
      Set<Long> union = new HashSet<>();
      Arrays.stream(a).forEach(union::add);
      Arrays.stream(b).forEach(union::add);
      double expected = (double) (a.length + b.length - union.size()) / union.size();
      assertThat(Shingles.jaccard(a, b)).isCloseTo(expected, within(1e-15));
      assertThat(Shingles.jaccard(Shingles.pack(a), Shingles.pack(b)))
          .isEqualTo(Shingles.jaccard(a, b));
      for (double threshold : new double[] {0.2, 0.5, expected}) {
        double found = Shingles.jaccardFrom(Shingles.pack(a), Shingles.pack(b), threshold);
        assertThat(found).isEqualTo(expected >= threshold ? Shingles.jaccard(a, b) : -1);
      }
    }
  }

  /** Golden values: a change here is a new {@link Shingles#VERSION}. */
  @Test
  void hashesOfVersionOneStay() {
    assertThat(new Shingles(ShingleUnit.WORDS, 2).of("the quick brown fox"))
        .containsExactly(GOLDEN_WORDS);
  }

  private static final long[] GOLDEN_WORDS = {
    -8601836961799658084L, 7602885148770569063L, 7678155283911622920L
  };

  private static long[] set(Random random, int size) {
    return random.longs(size, 0, 80).sorted().distinct().toArray();
  }
}
