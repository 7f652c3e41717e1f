package io.batchwright.kernel.cpu;

/**
 * Loops over float arrays for which C2 of JDK 17 finds no vector instructions by itself, or needs
 * several passes.
 *
 * <p>Both providers give the same bits. A sum has {@value #LANES} running sums, of which element i
 * goes to number i mod {@value #LANES}; they are added in a fixed order at the end of each {@value
 * #BLOCK} elements, and blocks are added in double precision.
 *
 * <p>Arrays that are written must have room for whole vectors: what lies between {@code count} and
 * the next multiple of {@value #ROOM} may be overwritten by anything. Not for several threads: a
 * {@link Scratch} has its own.
 */
interface RowLoops {
  /** Running sums of a block. */
  int LANES = 32;

  /** Elements whose sum is in single precision. */
  int BLOCK = 1024;

  /** Floats of the widest vector. */
  int ROOM = 64;

  /** The sum of the first {@code count} elements. */
  double sum(float[] a, int count);

  /** The sum of products. */
  double dot(float[] a, float[] b, int count);

  /** The greatest element, NaN if there is one, -infinity of none. */
  float max(float[] a, int count);

  /** {@link FloatMath#exp}; {@code out} may be {@code in}. */
  void exp(float[] in, float addend, float[] out, int count, Scratch scratch);

  /** {@code row = row - mean}; returns the sum of the squares of that. */
  double centre(float[] row, float mean, int count);

  /** {@code row = row * scale * gains + biases}, not fused. */
  void affine(float[] row, float scale, float[] gains, float[] biases, int count);

  /**
   * What layer norm's gradient needs of a row: with {@code n = (in - mean) * scale} and {@code g =
   * dOut * gains}, {@code sums[0] = sum of g} and {@code sums[1] = sum of g * n}.
   */
  void normSums(NormRows rows, float mean, float scale, double[] sums, int count);

  /**
   * After {@link #normSums} of the same row: {@code dIn = scale * (g - meanGrad - n * along)},
   * {@code gainSums += dOut * n}, {@code biasSums += dOut}.
   */
  void normBackward(NormRows rows, float mean, float scale, float meanGrad, float along, int count);
}
