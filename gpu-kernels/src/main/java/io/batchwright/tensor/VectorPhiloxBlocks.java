package io.batchwright.tensor;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Eight blocks at a time by {@code jdk.incubator.vector}: each lane of a vector of longs holds a
 * 32-bit word of one block, so that a product has room for its upper half.
 */
final class VectorPhiloxBlocks implements PhiloxBlocks {
  private static final VectorSpecies<Long> EIGHT = LongVector.SPECIES_512;
  private static final LongVector PLACES =
      LongVector.fromArray(EIGHT, new long[] {0, 1, 2, 3, 4, 5, 6, 7}, 0);
  private static final VectorShuffle<Long> FIRST_TWICE =
      VectorShuffle.fromValues(EIGHT, 0, 0, 1, 1, 2, 2, 3, 3);
  private static final VectorShuffle<Long> LAST_TWICE =
      VectorShuffle.fromValues(EIGHT, 4, 4, 5, 5, 6, 6, 7, 7);
  private static final VectorMask<Long> ODD = VectorMask.fromLong(EIGHT, 0b10101010);
  private static final long WORD = 0xFFFFFFFFL;

  /**
   * Whether such vectors, and their products, are machine instructions here: AVX-512 has them, 256
   * bits do not.
   */
  static boolean supported() {
    return LongVector.SPECIES_PREFERRED.vectorBitSize() >= EIGHT.vectorBitSize();
  }

  @Override
  public String name() {
    return "jdk.incubator.vector, 512 bits";
  }

  @Override
  public int blocks() {
    return 8;
  }

  /** {@link RandomStream#philox(int[], int, int)}, ten rounds, in every lane. */
  @Override
  public void ints(long first, long key, int[] to, int at) {
    LongVector counter = PLACES.add(first);
    LongVector c0 = counter.and(WORD);
    LongVector c1 = counter.lanewise(VectorOperators.LSHR, 32);
    LongVector c2 = LongVector.zero(EIGHT);
    LongVector c3 = c2;
    long key0 = key & WORD;
    long key1 = key >>> 32;
    for (int round = 0; round < 10; round++) {
      LongVector product0 = c0.mul(0xD2511F53L);
      LongVector product1 = c2.mul(0xCD9E8D57L);
      LongVector upper0 = product0.lanewise(VectorOperators.LSHR, 32);
      LongVector upper1 = product1.lanewise(VectorOperators.LSHR, 32);
      c0 = upper1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, key0);
      c1 = product1.and(WORD);
      c2 = upper0.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, key1);
      c3 = product0.and(WORD);
      key0 = key0 + 0x9E3779B9L & WORD;
      key1 = key1 + 0xBB67AE85L & WORD;
    }
    LongVector low = c0.or(c1.lanewise(VectorOperators.LSHL, 32));
    LongVector high = c2.or(c3.lanewise(VectorOperators.LSHL, 32));
    // One shuffle of two vectors would make an object in each call on JDK 17.
    LongVector lower = low.rearrange(FIRST_TWICE).blend(high.rearrange(FIRST_TWICE), ODD);
    LongVector upper = low.rearrange(LAST_TWICE).blend(high.rearrange(LAST_TWICE), ODD);
    lower.reinterpretAsInts().intoArray(to, at);
    upper.reinterpretAsInts().intoArray(to, at + 16);
  }
}
