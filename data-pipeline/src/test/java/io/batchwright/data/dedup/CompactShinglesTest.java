package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CompactShinglesTest {
  @Test
  void similarityAndContainmentAreThoseOfTheFullSets() {
    Random random = new Random(61);
    for (int round = 0; round < 300; round++) {
      int union = 1 + random.nextInt(2000);
      double similarity = random.nextDouble();
      long[][] sets = sets(random, union, similarity);
      byte[] a = CompactShingles.of(sets[0]);
      byte[] b = CompactShingles.of(sets[1]);
      double exact = Shingles.jaccard(sets[0], sets[1]);
      assertThat(CompactShingles.jaccard(a, b)).isCloseTo(exact, within(2.0 / union));
      assertThat(CompactShingles.containment(a, b))
          .isCloseTo(Shingles.containment(sets[0], sets[1]), within(4.0 / union));
      double same = CompactShingles.jaccard(a, b);
      for (double threshold : new double[] {0.3, 0.8, same, Math.nextUp(same)}) {
        assertThat(CompactShingles.jaccardFrom(a, b, threshold))
            .isEqualTo(same >= threshold ? same : -1);
      }
    }
  }

  @Test
  void aShingleTakesAboutFourBytes() {
    for (int size : new int[] {1000, 10_000, 100_000}) {
      long[] set = new Random(size).longs(size).sorted().toArray();
      byte[] compact = CompactShingles.of(set);
      assertThat(CompactShingles.size(compact)).isCloseTo(size, within(5));
      assertThat((double) compact.length / size).isBetween(2.9, 4.1);
    }
  }

  @Test
  void collisionsOfShortenedHashesAreAsRareAsStated() {
    long[] set = new Random(67).longs(1_000_000).sorted().distinct().toArray();
    int lost = set.length - CompactShingles.size(CompactShingles.of(set));
    assertThat(lost).isBetween(1, 20); // 7.3 expected
    assertThat(CompactShingles.jaccard(CompactShingles.of(set), CompactShingles.of(set)))
        .isEqualTo(1);
  }

  @Test
  void emptyAndExtremeSets() {
    byte[] none = CompactShingles.of(new long[0]);
    byte[] ends = CompactShingles.of(new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE});
    assertThat(CompactShingles.jaccard(none, none)).isEqualTo(1);
    assertThat(CompactShingles.jaccard(none, ends)).isZero();
    assertThat(CompactShingles.containment(none, ends)).isZero();
    assertThat(CompactShingles.size(ends)).isEqualTo(3);
    assertThat(CompactShingles.jaccard(ends, CompactShingles.of(new long[] {0, Long.MAX_VALUE})))
        .isEqualTo(2.0 / 3);
  }

  @Test
  void anotherVersionIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CompactShingles.size(new byte[] {9, 0}))
        .withMessageContaining("version 1, got version 9");
    assertThatIllegalArgumentException().isThrownBy(() -> CompactShingles.size(new byte[0]));
  }

  @Test
  void hashesAreSortedWhateverTheirSpread() {
    UniformSort sort = new UniformSort();
    Random random = new Random(71);
    for (int round = 0; round < 200; round++) {
      int count = random.nextInt(3000);
      long range = round % 3 == 0 ? Long.MAX_VALUE : 1 + random.nextInt(50);
      long[] values = random.longs(count + 5, -range, range).toArray();
      long[] expected = values.clone();
      java.util.Arrays.sort(expected, 0, count);
      sort.sort(values, count);
      assertThat(values).isEqualTo(expected);
    }
  }

  private static long[][] sets(Random random, int union, double similarity) {
    long[] all = random.longs(union).toArray();
    int shared = (int) (union * similarity);
    int half = shared + (union - shared) / 2;
    long[] a = java.util.Arrays.copyOf(all, Math.max(1, half));
    long[] b =
        java.util.stream.IntStream.range(0, union)
            .filter(i -> i < shared || i >= half)
            .mapToLong(i -> all[i])
            .toArray();
    java.util.Arrays.sort(a);
    java.util.Arrays.sort(b);
    return new long[][] {a, b};
  }
}
