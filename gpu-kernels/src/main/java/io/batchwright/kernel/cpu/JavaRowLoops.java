package io.batchwright.kernel.cpu;

import java.util.Arrays;

/** {@link RowLoops} in plain Java. */
final class JavaRowLoops implements RowLoops {
  private final LaneSums sums = new LaneSums();

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

  private double total(int count, Term term) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += block(from, Math.min(count, from + BLOCK), term);
    }
    return total;
  }

  private float block(int from, int to, Term term) {
    float[] lanes = sums.lanes;
    Arrays.fill(lanes, 0f);
    int whole = to - (to - from) % LANES;
    for (int i = from; i < whole; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += term.at(i + lane);
      }
    }
    for (int i = whole; i < to; i++) {
      sums.rest[i - whole] = term.at(i);
    }
    return sums.total(to - whole);
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
  public double centre(float[] row, float mean, int count) {
    FloatLoops.shift(row, -mean, row, count);
    return dot(row, row, count);
  }

  @Override
  public void affine(float[] row, float scale, float[] gains, float[] biases, int count) {
    for (int i = 0; i < count; i++) {
      row[i] = row[i] * scale * gains[i] + biases[i];
    }
  }

  @Override
  public void normSums(NormRows rows, float mean, float scale, double[] sums, int count) {
    float[] in = rows.in();
    float[] normal = rows.normal();
    float[] grad = rows.dIn();
    for (int i = 0; i < count; i++) {
      normal[i] = (in[i] - mean) * scale;
    }
    FloatLoops.multiply(rows.dOut(), rows.gains(), grad, count);
    sums[0] = sum(grad, count);
    sums[1] = dot(grad, normal, count);
  }

  @Override
  public void normBackward(
      NormRows rows, float mean, float scale, float meanGrad, float along, int count) {
    float[] dOut = rows.dOut();
    float[] normal = rows.normal();
    float[] grad = rows.dIn();
    float[] gainSums = rows.gainSums();
    for (int i = 0; i < count; i++) {
      grad[i] = scale * (grad[i] - meanGrad - normal[i] * along);
    }
    for (int i = 0; i < count; i++) {
      gainSums[i] += dOut[i] * normal[i];
    }
    FloatLoops.add(rows.biasSums(), dOut, rows.biasSums(), count);
  }
}
