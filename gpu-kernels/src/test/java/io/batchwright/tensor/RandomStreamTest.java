package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
  private static final int DRAWS = 200_000;

  /** The known answers of Random123 (kat_vectors, philox4x32 10). */
  @Test
  void philoxGivesTheKnownAnswersOfRandom123() {
    assertThat(RandomStream.philox(new int[4], 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(RandomStream.philox(new int[] {-1, -1, -1, -1}, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(
            RandomStream.philox(
                new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void drawsDependOnlyOnTheFourPartsAndThePosition() {
    RandomStream one = RandomStream.of(7, "dropout", 2, 11);
    RandomStream same = RandomStream.of(7, "dropout", 2, 11);
    for (long position : new long[] {99, 3, 0, 1L << 40}) {
      assertThat(one.intAt(position)).isEqualTo(same.intAt(position));
      assertThat(one.longAt(position)).isEqualTo(same.longAt(position));
      assertThat(one.gaussianAt(position)).isEqualTo(same.gaussianAt(position));
    }
  }

  @Test
  void nearbySeedsPurposesEpochsAndStepsHaveDifferentKeys() {
    Set<Long> keys = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      for (String purpose : new String[] {"", "a", "b", "ab", "ba"}) {
        for (int epoch = 0; epoch < 10; epoch++) {
          for (int step = 0; step < 10; step++) {
            keys.add(RandomStream.keyOf(seed, purpose, epoch, step));
          }
        }
      }
    }
    assertThat(keys).hasSize(20 * 5 * 10 * 10);
  }

  @Test
  void uniformDrawsFillTheirIntervalEvenly() {
    RandomStream stream = RandomStream.of(1, "test", 0, 0);
    int[] bins = new int[100];
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
      double draw = stream.uniformAt(i);
      assertThat(draw >= 0 && draw < 1).isTrue();
      bins[(int) (draw * 100)]++;
      sum += draw;
    }
    double chiSquare = 0;
    for (int bin : bins) {
      chiSquare += Math.pow(bin - DRAWS / 100.0, 2) / (DRAWS / 100.0);
    }
    assertThat(sum / DRAWS).isCloseTo(0.5, within(0.003));
    assertThat(chiSquare).as("chi square with 99 degrees of freedom").isBetween(60.0, 150.0);
  }

  @Test
  void manyIntsAreTheIntsOneByOne() {
    RandomStream stream = RandomStream.of(5, "test", 0, 0);
    for (long first : new long[] {0, 1, 2, 3, 5, (1L << 33) + 3}) {
      int[] many = new int[11];
      stream.intsAt(first, many, 10);
      for (int i = 0; i < 10; i++) {
        assertThat(many[i]).isEqualTo(stream.intAt(first + i));
      }
      assertThat(many[10]).isZero();
    }
  }

  @Test
  void gaussianDrawsHaveTheMomentsOfANormalDistribution() {
    RandomStream stream = RandomStream.of(2, "test", 0, 0);
    double[] moments = new double[5];
    for (int i = 0; i < DRAWS; i++) {
      double draw = stream.gaussianAt(i);
      for (int power = 1; power <= 4; power++) {
        moments[power] += Math.pow(draw, power) / DRAWS;
      }
    }
    assertThat(moments[1]).isCloseTo(0, within(0.01));
    assertThat(moments[2]).isCloseTo(1, within(0.02));
    assertThat(moments[3]).isCloseTo(0, within(0.05));
    assertThat(moments[4]).isCloseTo(3, within(0.1));
  }

  @Test
  void boundedDrawsAreEvenAndReachEveryValue() {
    RandomStream stream = RandomStream.of(3, "test", 0, 0);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[(int) stream.belowAt(i, 7)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_600, 10_400);
    }
    long bound = (1L << 62) + 1;
    for (int i = 0; i < 1_000; i++) {
      assertThat(stream.belowAt(i, bound)).isBetween(0L, bound - 1);
    }
    assertThat(stream.belowAt(5, 1)).isZero();
    assertThatThrownBy(() -> stream.belowAt(5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bound must be at least 1, got 0");
  }

  @Test
  void permutedIndexIsAShuffle() {
    RandomStream stream = RandomStream.of(4, "shuffle", 0, 0);
    for (int count : new int[] {1, 2, 3, 5, 64, 65, 1000, 4097}) {
      BitSet seen = new BitSet();
      int fixed = 0;
      for (int i = 0; i < count; i++) {
        long image = stream.permutedIndex(i, count);
        assertThat(image).isBetween(0L, count - 1L);
        seen.set((int) image);
        fixed += image == i ? 1 : 0;
      }
      assertThat(seen.cardinality()).as("distinct images of %d", count).isEqualTo(count);
      assertThat(fixed).as("fixed points of %d", count).isLessThan(10);
    }
  }

  @Test
  void kindsOfDrawsAreIndependent() {
    RandomStream stream = RandomStream.of(5, "test", 0, 0);
    assertThat((int) stream.longAt(0)).isNotEqualTo(stream.intAt(0));
    assertThat(stream.longAt(0) >>> 11).isNotEqualTo((long) (stream.uniformAt(0) * 0x1p53));
  }

  /** The providers of whole blocks, and every beginning and end within one. */
  @Test
  void manyIntsAtOnceAreThoseOneByOne() {
    RandomStream stream = RandomStream.of(9, "many", 1, 2);
    int[] found = new int[200];
    for (long first : new long[] {0, 1, 2, 3, 4, 7, (1L << 34) - 3, (1L << 40) + 5}) {
      for (int count = 0; count < found.length; count++) {
        stream.intsAt(first, found, count);
        for (int i = 0; i < count; i++) {
          assertThat(found[i]).as("position %d + %d", first, i).isEqualTo(stream.intAt(first + i));
        }
      }
    }
    long key = RandomStream.keyOf(9, "many", 1, 2);
    List<PhiloxBlocks> providers = new ArrayList<>(List.of(new PhiloxBlocks.OneByOne()));
    if (PhiloxBlocks.BEST instanceof VectorPhiloxBlocks) {
      providers.add(new VectorPhiloxBlocks());
    }
    for (PhiloxBlocks provider : providers) {
      for (int round = 0; round < 20_000; round++) { // compiled code must agree, too
        provider.ints(1_000_000_007L * round, key, found, 3);
      }
      int[] expected = new int[4 * provider.blocks()];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = stream.intAt(4 * (1_000_000_007L * 19_999) + i);
      }
      assertThat(Arrays.copyOfRange(found, 3, 3 + expected.length))
          .as(provider.name())
          .containsExactly(expected);
    }
  }
}
