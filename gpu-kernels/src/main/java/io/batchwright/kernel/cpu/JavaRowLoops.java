package io.batchwright.kernel.cpu;

/** {@link RowLoops} in plain Java. */
final class JavaRowLoops implements RowLoops {
  private static final int EIGHT = 8;

  /** {@code sum} over elements of some term. */
  private interface Term {
    float at(int i);
  }

  @Override
  public double sum(float[] a, int count) {
    return total(count, i -> a[i]);
  }

  @Override
  public double dot(float[] a, float[] b, int count) {
    return total(count, i -> a[i] * b[i]);
  }

  private static double total(int count, Term term) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += block(from, Math.min(count, from + BLOCK), term);
    }
    return total;
  }

  private static float block(int from, int to, Term term) {
    float[] lanes = new float[LANES];
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += term.at(i + lane);
      }
    }
    for (int lane = 0; lane < EIGHT; lane++) {
      lanes[lane] =
          (lanes[lane] + lanes[EIGHT + lane]) + (lanes[2 * EIGHT + lane] + lanes[3 * EIGHT + lane]);
    }
    for (; i + EIGHT <= to; i += EIGHT) {
      for (int lane = 0; lane < EIGHT; lane++) {
        lanes[lane] += term.at(i + lane);
      }
    }
    float sum =
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
            + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    for (; i < to; i++) {
      sum += term.at(i);
    }
    return sum;
  }

  @Override
  public float max(float[] a, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, a[i]);
    }
    return max;
  }

  @Override
  public void exp(float[] in, float addend, float[] out, int count, Scratch scratch) {
    FloatMath.exp(in, addend, out, count, scratch);
  }

  @Override
  public void normBackward(
      float[] in,
      float mean,
      float scale,
      float[] dOut,
      float[] gains,
      float[] gainSums,
      float[] biasSums,
      int count) {
    for (int i = 0; i < count; i++) {
      in[i] = (in[i] - mean) * scale;
    }
    for (int i = 0; i < count; i++) {
      gainSums[i] += dOut[i] * in[i];
    }
    FloatLoops.add(biasSums, dOut, biasSums, count);
    FloatLoops.multiply(dOut, gains, dOut, count);
  }

  @Override
  public void centre(
      float[] grad, float mean, float[] normal, float along, float scale, int count) {
    for (int i = 0; i < count; i++) {
      grad[i] = scale * (grad[i] - mean - normal[i] * along);
    }
  }
}
