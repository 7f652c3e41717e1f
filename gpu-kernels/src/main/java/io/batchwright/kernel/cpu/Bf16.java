package io.batchwright.kernel.cpu;

/**
 * Float32 rounded to bf16, to the nearest, ties to even, and widened again. NaN stays NaN. What is
 * rounded goes through an array of ints, where C2 vectorises the arithmetic.
 */
final class Bf16 {
  private static final int UPPER = 0xFFFF0000;
  private static final int INFINITY = 0x7F800000;
  private static final int QUIET = 0x00400000;

  private Bf16() {}

  /** The bits of the float32 that is the nearest bf16. */
  static int rounded(int bits) {
    int nan = (INFINITY - (bits & Integer.MAX_VALUE)) >> 31; // all ones or none: no branch
    int nearest = bits + 0x7FFF + ((bits >>> 16) & 1);
    return ((nearest & ~nan) | ((bits | QUIET) & nan)) & UPPER;
  }

  private static void round(int[] bits, int count) {
    for (int i = 0; i < count; i++) {
      bits[i] = rounded(bits[i]);
    }
  }

  /** Float32 to float32; {@code to} may be {@code from}. */
  static void round(long from, long to, long count, Scratch scratch) {
    int[] bits = scratch.ints0;
    for (long done = 0; done < count; done += Scratch.TILE) {
      int some = (int) Math.min(Scratch.TILE, count - done);
      OffHeap.get(from + 4 * done, bits, some);
      round(bits, some);
      OffHeap.put(bits, to + 4 * done, some);
    }
  }

  /** Float32 to bf16. */
  static void narrow(long from, long to, long count, Scratch scratch) {
    int[] bits = scratch.ints0;
    for (long done = 0; done < count; done += Scratch.TILE) {
      int some = (int) Math.min(Scratch.TILE, count - done);
      OffHeap.get(from + 4 * done, bits, some);
      round(bits, some);
      long at = to + 2 * done;
      for (int i = 0; i < some; i++) {
        OffHeap.putShort(at + 2L * i, (short) (bits[i] >>> 16));
      }
    }
  }

  /** Bf16 to float32. */
  static void widen(long from, long to, long count, Scratch scratch) {
    int[] bits = scratch.ints0;
    for (long done = 0; done < count; done += Scratch.TILE) {
      int some = (int) Math.min(Scratch.TILE, count - done);
      long at = from + 2 * done;
      for (int i = 0; i < some; i++) {
        bits[i] = OffHeap.shortAt(at + 2L * i) << 16;
      }
      OffHeap.put(bits, to + 4 * done, some);
    }
  }
}
