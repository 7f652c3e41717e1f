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
 * the next multiple of {@value #ROOM} may be overwritten by anything.
 */
interface RowLoops {
  /** Running sums of a block. */
  int LANES = 32;

  /** Elements whose sum is in single precision. */
  int BLOCK = 1024;

  /** Floats of the widest vector. */
  int ROOM = 64;

  /** The provider of this JVM: vector instructions where {@code jdk.incubator.vector} is there. */
  RowLoops BEST = Providers.vectors() ? new VectorRowLoops() : new JavaRowLoops();

  /** The sum of the first {@code count} elements. */
  double sum(float[] a, int count);

  /** The sum of products. */
  double dot(float[] a, float[] b, int count);

  /** The greatest element, NaN if there is one, -infinity of none. */
  float max(float[] a, int count);

  /** {@link FloatMath#exp}; {@code out} may be {@code in}. */
  void exp(float[] in, float addend, float[] out, int count, Scratch scratch);

  /**
   * The first half of layer norm's gradient: {@code in = n = (in - mean) * scale}, {@code gainSums
   * += dOut * n}, {@code biasSums += dOut}, {@code dOut = dOut * gains}.
   */
  void normBackward(
      float[] in,
      float mean,
      float scale,
      float[] dOut,
      float[] gains,
      float[] gainSums,
      float[] biasSums,
      int count);

  /** The second half: {@code grad = scale * (grad - mean - normal * along)}. */
  void centre(float[] grad, float mean, float[] normal, float along, float scale, int count);
}
