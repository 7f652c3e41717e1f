package io.batchwright.kernel.cpu;

/**
 * Loops that read and write floats outside of the heap once, by address. An output may be one of
 * the inputs; otherwise memory must not overlap.
 *
 * <p>Both providers give the same bits. Multiplications and additions are fused where {@link
 * FloatMath} says so, nowhere else. Not for several threads: a {@link Scratch} has its own.
 */
interface StreamLoops {
  /** The sum of squares, blocks of {@link RowLoops#BLOCK} as {@link RowLoops#dot} adds them. */
  double squares(long a, long count);

  /** {@code out[r] = maximum of row r}; NaN if there is one, -infinity where {@code width} is 0. */
  void maxima(long in, long rows, int width, long out);

  /**
   * {@code out[b, i] = maximum over r of in[b, r, i]} for each of {@code blocks} blocks of {@code
   * rows} rows, at least one; NaN if there is one.
   */
  void columnMaxima(long in, long blocks, int rows, int width, long out);

  /** {@code out = a + b}. */
  void add(long a, long b, long out, long count);

  /** {@code out = a + row} for each of {@code rows} rows of {@code width} elements. */
  void addRow(long a, long row, long out, int rows, int width);

  /** {@code out = (a + row) + b} for each of {@code rows} rows of {@code width} elements. */
  void addRowAnd(long a, long row, long b, long out, int rows, int width);

  /**
   * Adds rows to sums, one after the other: {@code sums[j] = (sums[j] + first[j]) + ...}.
   *
   * @param stride floats from one row to the next
   * @param width of a row, at most {@link Scratch#TILE}
   */
  void addRows(long first, long stride, int rows, float[] sums, int width);

  /**
   * {@code out = sum of factors[i] * row rows[i]}, one after the other from the first; 0 of none.
   *
   * @param base where row 0 lies; {@code out} lies elsewhere
   * @param factors null for ones
   */
  void sumRows(long base, int[] rows, double[] factors, int from, int to, long out, int width);

  /** {@code out = a * b}. */
  void multiply(long a, long b, long out, long count);

  /** {@code out = factor * in}. */
  void scale(long in, float factor, long out, long count);

  /** {@code out = in + addend}. */
  void shift(long in, float addend, long out, long count);

  /** {@code out = b + factor * a}. */
  void axpy(float factor, long a, long b, long out, long count);

  /** {@link FloatMath#tanh}. */
  void tanh(long in, long out, long count);

  /** {@link FloatMath#gelu}. */
  void gelu(long in, long out, long count);

  /** {@link FloatMath#geluBackward}. */
  void geluBackward(long in, long dOut, long dIn, long count);

  /** {@link AdamWLoops#update}. */
  void adamW(long p, long g, long m, long v, long count, AdamWLoops.Step step);

  /** {@link AdamWLoops#decay}. */
  void decay(long p, long v, long count, AdamWLoops.Step step);
}
