package io.batchwright.data.dedup;

/**
 * MT19937, as numpy's {@code RandomState(seed)} runs it: Matsumoto and Nishimura, "Mersenne
 * Twister", ACM TOMACS 1998, with the initialisation of 2002.
 */
final class MersenneTwister {
  private static final int SIZE = 624;
  private static final int MIDDLE = 397;
  private final int[] state = new int[SIZE];
  private int next = SIZE;

  /** Seeded with the low 32 bits of {@code seed}. */
  MersenneTwister(long seed) {
    state[0] = (int) seed;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /**
   * Uniform in [0, greatest] for {@code greatest >= 2^32}: 64 bits, the high half first, masked,
   * drawn again while too great.
   */
  long upTo(long greatest) {
    long mask = -1L >>> Long.numberOfLeadingZeros(greatest);
    while (true) {
      long high = nextInt() & 0xFFFFFFFFL;
      long value = (high << 32 | nextInt() & 0xFFFFFFFFL) & mask;
      if (value <= greatest) {
        return value;
      }
    }
  }

  int nextInt() {
    if (next == SIZE) {
      twist();
      next = 0;
    }
    int y = state[next];
    next++;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9D2C5680;
    y ^= (y << 15) & 0xEFC60000;
    return y ^ (y >>> 18);
  }

  private void twist() {
    for (int i = 0; i < SIZE; i++) {
      int y = state[i] & 0x80000000 | state[(i + 1) % SIZE] & 0x7FFFFFFF;
      state[i] = state[(i + MIDDLE) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
    }
  }
}
