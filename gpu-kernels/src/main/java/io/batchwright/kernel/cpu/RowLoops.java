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

  /** Floats of the rows that are worked on together: with as many others in the nearest cache. */
  int TOGETHER = 2048;

  /** Floats from one row of {@code width} floats to the next, where rows are worked on together. */
  static int pitch(int width) {
    return (width + LANES - 1) / LANES * LANES;
  }

  /** What is added to scores of which this is the greatest; of scores that are all out, nothing. */
  static float shift(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0f : -max;
  }

  /** How many rows of this pitch are worked on together. */
  static int rowsTogether(int pitch) {
    return Math.max(1, TOGETHER / Math.max(LANES, pitch));
  }

  /** The sum of the first {@code count} elements. */
  double sum(float[] a, int count);

  /** The sum of products. */
  default double dot(float[] a, float[] b, int count) {
    return dot(a, b, 0, count);
  }

  /** The sum of products of the elements from {@code from} to before {@code to}. */
  double dot(float[] a, float[] b, int from, int to);

  /** The greatest element, NaN if there is one, -infinity of none. */
  float max(float[] a, int count);

  /** {@link FloatMath#exp}; {@code out} may be {@code in}. */
  void exp(float[] in, float addend, float[] out, int count, Scratch scratch);

  /**
   * Of each of {@code count} rows r, one behind the other: {@code maxima[r]} its greatest element,
   * {@code row = e^(row - maxima[r])}, {@code sums[r]} the sum of that. A row of -infinity alone
   * becomes zeros.
   *
   * @param pitch floats of a row, a multiple of {@link #LANES}; what is no score is -infinity
   */
  void exponentials(
      float[] rows, int count, int pitch, float[] maxima, double[] sums, Scratch scratch);

  /** {@code row = e^(row + addends[r])} for each of {@code count} rows r. */
  void expRows(float[] rows, int count, int pitch, float[] addends, Scratch scratch);

  /** {@code row = factors[r] * row} for each of {@code count} rows r. */
  void scaleRows(float[] rows, int count, int pitch, float[] factors);

  /** {@code grad = weight * (grad - along[r])} for each of {@code count} rows r. */
  void weighRows(float[] weights, float[] grads, int count, int pitch, float[] along);

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
