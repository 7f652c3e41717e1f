package io.batchwright.kernel.cpu;

/** {@link RowLoops} in plain Java. */
final class JavaRowLoops implements RowLoops {
  private static final int EIGHT = 8;

  /** {@code sum} over elements of some term. */
  private interface Term {
    float at(int i);
  }

  @Override
  public String name() {
    return "plain Java";
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
}
