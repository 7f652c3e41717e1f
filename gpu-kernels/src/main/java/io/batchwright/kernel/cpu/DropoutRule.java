package io.batchwright.kernel.cpu;

/** Which draws keep an element under dropout: those that are, unsigned, at least p * 2^32. */
final class DropoutRule {
  private DropoutRule() {}

  /** The least draw that keeps, for {@link #keeps}: moved down by 2^31 to compare as signed. */
  static int least(double probability) {
    return (int) (Math.round(probability * 0x1p32) + Integer.MIN_VALUE);
  }

  /** Whether a draw keeps its element. */
  static boolean keeps(int draw, int least) {
    return draw + Integer.MIN_VALUE >= least;
  }
}
