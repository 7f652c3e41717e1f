package io.batchwright.kernel.cpu;

import java.util.Arrays;

/** {@link RowLoops} in plain Java. */
final class JavaRowLoops implements RowLoops {
  private final LaneSums sums = new LaneSums();
  private float[] left = {};
  private float[] right = {};

  /** {@code sum} over elements of some term. */
  private interface Term {
    float at(int i);
  }

  @Override
  public double sum(float[] a, int count) {
    return total(0, count, i -> a[i]);
  }

  @Override
  public double dot(float[] a, float[] b, int from, int to) {
    return total(from, to, i -> a[i] * b[i]);
  }

  private double total(int first, int end, Term term) {
    double total = 0;
    for (int from = first; from < end; from += BLOCK) {
      total += block(from, Math.min(end, from + BLOCK), term);
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
  public void exponentials(
      float[] rows, int count, int pitch, float[] maxima, double[] sums, Scratch scratch) {
    makeRoom(pitch);
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, r * pitch, left, 0, pitch);
      maxima[r] = max(left, pitch);
      exp(left, RowLoops.shift(maxima[r]), left, pitch, scratch);
      sums[r] = sum(left, pitch);
      System.arraycopy(left, 0, rows, r * pitch, pitch);
    }
  }

  @Override
  public void expRows(float[] rows, int count, int pitch, float[] addends, Scratch scratch) {
    makeRoom(pitch);
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, r * pitch, left, 0, pitch);
      exp(left, addends[r], left, pitch, scratch);
      System.arraycopy(left, 0, rows, r * pitch, pitch);
    }
  }

  @Override
  public void scaleRows(float[] rows, int count, int pitch, float[] factors) {
    makeRoom(pitch);
    for (int r = 0; r < count; r++) {
      System.arraycopy(rows, r * pitch, left, 0, pitch);
      FloatLoops.scale(left, factors[r], left, pitch);
      System.arraycopy(left, 0, rows, r * pitch, pitch);
    }
  }

  @Override
  public void weighRows(float[] weights, float[] grads, int count, int pitch, float[] along) {
    makeRoom(pitch);
    for (int r = 0; r < count; r++) {
      System.arraycopy(weights, r * pitch, left, 0, pitch);
      System.arraycopy(grads, r * pitch, right, 0, pitch);
      FloatLoops.weigh(left, right, along[r], pitch);
      System.arraycopy(right, 0, grads, r * pitch, pitch);
    }
  }

  /** For a row of each of two arrays, which C2 vectorises from index 0 on only. */
  private void makeRoom(int pitch) {
    if (left.length < pitch) {
      left = new float[pitch];
      right = new float[pitch];
    }
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
