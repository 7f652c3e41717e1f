package io.batchwright.tensor;

/**
 * Random draws by position: the n-th draw of a stream is a pure function of (seed, purpose, epoch,
 * step, n), so a draw for a row is the same on any rank and in any order. Philox4x32-10 (Salmon et
 * al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) under a 64-bit key hashed from the
 * four parts; the kinds of draws use disjoint counters, so {@code intAt(5)} and {@code
 * gaussianAt(5)} are independent.
 *
 * <p>The algorithm is persisted in plans: a change of any draw is a new class beside this one.
 */
public final class RandomStream {
  private static final int INTS = 0;
  private static final int LONGS = 1;
  private static final int UNIFORMS = 2;
  private static final int GAUSSIANS = 3;
  private static final int BOUNDED = 4;
  private static final int PERMUTATIONS = 5;
  private static final int FEISTEL_ROUNDS = 8;

  private final long key;

  private RandomStream(long key) {
    this.key = key;
  }

  /** The stream of one purpose (as in {@code "dropout"}) in one epoch and step. */
  public static RandomStream of(long seed, String purpose, long epoch, long step) {
    return new RandomStream(keyOf(seed, purpose, epoch, step));
  }

  /** The 64-bit key that {@link #of} uses: a hash of all four parts. */
  public static long keyOf(long seed, String purpose, long epoch, long step) {
    long hash = mix(seed + 0x9E3779B97F4A7C15L);
    for (int i = 0; i < purpose.length(); i++) {
      hash = mix(hash ^ (purpose.charAt(i) + 0x9E3779B97F4A7C15L));
    }
    hash = mix(hash ^ (purpose.length() + 0xD1B54A32D192ED03L));
    hash = mix(hash ^ mix(epoch + 0xABC98388FB8FAC03L));
    return mix(hash ^ mix(step + 0x8CB92BA72F3D8DD7L));
  }

  /** The key of all draws: for backends that draw on their device. */
  public long key() {
    return key;
  }

  public int intAt(long position) {
    return philox(position >>> 2, INTS, 0, key)[(int) (position & 3)];
  }

  /** {@link #intAt} of {@code count} positions from {@code first} on. */
  public void intsAt(long first, int[] to, int count) {
    PhiloxBlocks blocks = PhiloxBlocks.BEST;
    int at = Math.min(count, (int) (-first & 3)); // up to the next block
    oneByOne(first, to, 0, at);
    int atOnce = 4 * blocks.blocks();
    for (; at + atOnce <= count; at += atOnce) {
      blocks.ints((first + at) >>> 2, key, to, at);
    }
    for (; at < count; at += 4) {
      oneByOne(first, to, at, Math.min(count, at + 4));
    }
  }

  /** Draws of one block. */
  private void oneByOne(long first, int[] to, int from, int end) {
    if (from < end) {
      int[] block = intBlock((first + from) >>> 2, key);
      for (int i = from; i < end; i++) {
        to[i] = block[(int) ((first + i) & 3)];
      }
    }
  }

  /** The four draws of a block. */
  static int[] intBlock(long block, long key) {
    return philox(block, INTS, 0, key);
  }

  public long longAt(long position) {
    return word(philox(position >>> 1, LONGS, 0, key), (int) (position & 1));
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public double uniformAt(long position) {
    return (word(philox(position >>> 1, UNIFORMS, 0, key), (int) (position & 1)) >>> 11) * 0x1p-53;
  }

  /** Standard normal, by inversion of its distribution function. */
  public double gaussianAt(long position) {
    long word = word(philox(position >>> 1, GAUSSIANS, 0, key), (int) (position & 1));
    return NormalQuantile.of(((word >>> 12) + 0.5) * 0x1p-52);
  }

  /**
   * Uniform in [0, bound), without bias (Lemire's multiplication with rejection).
   *
   * @param bound at least 1
   */
  public long belowAt(long position, long bound) {
    requireAtLeastOne("bound", bound);
    long threshold = Long.remainderUnsigned(-bound, bound);
    for (int attempt = 0; ; attempt++) {
      long draw = word(philox(position, BOUNDED, attempt, key), 0);
      if (Long.compareUnsigned(draw * bound, threshold) >= 0) {
        return Math.multiplyHigh(draw, bound) + ((draw >> 63) & bound);
      }
    }
  }

  /**
   * Where a shuffle of {@code count} items puts item {@code index}: a bijection of [0, count),
   * found without a table by an eight-round Feistel network that walks its cycle back into range.
   * It draws from fewer than count! permutations, as any shuffle from a 64-bit key does.
   *
   * @param index in [0, count)
   */
  public long permutedIndex(long index, long count) {
    requireAtLeastOne("count", count);
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException("index must be in [0, " + count + "), got " + index);
    }
    int half = Math.max(1, (65 - Long.numberOfLeadingZeros(count - 1)) / 2);
    long mask = (1L << half) - 1;
    long value = index;
    do {
      long left = value >>> half;
      long right = value & mask;
      for (int round = 0; round < FEISTEL_ROUNDS; round++) {
        long next = left ^ (word(philox(right, PERMUTATIONS, round, key), 0) & mask);
        left = right;
        right = next;
      }
      value = left << half | right;
    } while (value >= count);
    return value;
  }

  private static void requireAtLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value);
    }
  }

  private static long word(int[] block, int index) {
    return (block[2 * index] & 0xFFFFFFFFL) | (long) block[2 * index + 1] << 32;
  }

  private static int[] philox(long position, int kind, int attempt, long key) {
    int[] counter = {(int) position, (int) (position >>> 32), kind, attempt};
    return philox(counter, (int) key, (int) (key >>> 32));
  }

  /** Ten rounds over the counter, in place. */
  static int[] philox(int[] counter, int key0, int key1) {
    for (int round = 0; round < 10; round++) {
      long product0 = (counter[0] & 0xFFFFFFFFL) * 0xD2511F53L;
      long product1 = (counter[2] & 0xFFFFFFFFL) * 0xCD9E8D57L;
      counter[0] = (int) (product1 >>> 32) ^ counter[1] ^ key0;
      counter[1] = (int) product1;
      counter[2] = (int) (product0 >>> 32) ^ counter[3] ^ key1;
      counter[3] = (int) product0;
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
    return counter;
  }

  /** The finalizer of SplitMix64: a bijection that mixes all bits. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
