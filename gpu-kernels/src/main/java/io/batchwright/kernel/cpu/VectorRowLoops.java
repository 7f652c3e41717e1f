package io.batchwright.kernel.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowLoops} by {@code jdk.incubator.vector}. Running sums are two vectors at a time, so that
 * their order is the same on machines whose vectors have eight floats and sixteen.
 *
 * <p>Loops keep to the three rules that stand at {@link Vectors}.
 */
final class VectorRowLoops implements RowLoops {
  private static final VectorSpecies<Float> WIDE = Vectors.WIDE;
  private static final int WIDE_LANES = WIDE.length();
  private static final int MANTISSA_BITS = 23;
  private static final int BIAS = 127;

  private final LaneSums first = new LaneSums();
  private final LaneSums second = new LaneSums();
  private final float[] addend = new float[1];
  private float[] shifts = {};

  /** Where the last whole group of running sums ends. */
  private static int whole(int from, int to) {
    return to - (to - from) % LANES;
  }

  @Override
  public double sum(float[] a, int count) {
    return sum(a, 0, count);
  }

  private double sum(float[] a, int first, int end) {
    double total = 0;
    for (int from = first; from < end; from += BLOCK) {
      total += sumBlock(a, from, Math.min(end, from + BLOCK));
    }
    return total;
  }

  private float sumBlock(float[] a, int from, int to) {
    int whole = whole(from, to);
    for (int lane = 0; lane < LANES; lane += 2 * WIDE_LANES) {
      FloatVector s0 = FloatVector.zero(WIDE);
      FloatVector s1 = s0;
      for (int i = from + lane; i < whole; i += LANES) {
        s0 = s0.add(fromArray(WIDE, a, i));
        s1 = s1.add(fromArray(WIDE, a, i + WIDE_LANES));
      }
      s0.intoArray(first.lanes, lane);
      s1.intoArray(first.lanes, lane + WIDE_LANES);
    }
    System.arraycopy(a, whole, first.rest, 0, to - whole);
    return first.total(to - whole);
  }

  @Override
  public double dot(float[] a, float[] b, int first, int end) {
    double total = 0;
    for (int from = first; from < end; from += BLOCK) {
      total += dotBlock(a, b, from, Math.min(end, from + BLOCK));
    }
    return total;
  }

  private float dotBlock(float[] a, float[] b, int from, int to) {
    int whole = whole(from, to);
    for (int lane = 0; lane < LANES; lane += 2 * WIDE_LANES) {
      FloatVector s0 = FloatVector.zero(WIDE);
      FloatVector s1 = s0;
      for (int i = from + lane; i < whole; i += LANES) {
        int j = i + WIDE_LANES;
        s0 = s0.add(fromArray(WIDE, a, i).mul(fromArray(WIDE, b, i)));
        s1 = s1.add(fromArray(WIDE, a, j).mul(fromArray(WIDE, b, j)));
      }
      s0.intoArray(first.lanes, lane);
      s1.intoArray(first.lanes, lane + WIDE_LANES);
    }
    for (int i = whole; i < to; i++) {
      first.rest[i - whole] = a[i] * b[i];
    }
    return first.total(to - whole);
  }

  @Override
  public double centre(float[] row, float mean, int count) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += centre(row, mean, from, Math.min(count, from + BLOCK));
    }
    return total;
  }

  private float centre(float[] row, float mean, int from, int to) {
    int whole = whole(from, to);
    for (int lane = 0; lane < LANES; lane += 2 * WIDE_LANES) {
      FloatVector s0 = FloatVector.zero(WIDE);
      FloatVector s1 = s0;
      for (int i = from + lane; i < whole; i += LANES) {
        FloatVector d0 = fromArray(WIDE, row, i).sub(mean);
        FloatVector d1 = fromArray(WIDE, row, i + WIDE_LANES).sub(mean);
        s0 = s0.add(d0.mul(d0));
        s1 = s1.add(d1.mul(d1));
        d0.intoArray(row, i);
        d1.intoArray(row, i + WIDE_LANES);
      }
      s0.intoArray(first.lanes, lane);
      s1.intoArray(first.lanes, lane + WIDE_LANES);
    }
    for (int i = whole; i < to; i++) {
      row[i] -= mean;
      first.rest[i - whole] = row[i] * row[i];
    }
    return first.total(to - whole);
  }

  @Override
  public float max(float[] a, int count) {
    FloatVector m = broadcast(WIDE, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i + WIDE_LANES <= count; i += WIDE_LANES) {
      m = m.max(fromArray(WIDE, a, i));
    }
    float max = m.reduceLanes(VectorOperators.MAX);
    for (; i < count; i++) {
      max = Math.max(max, a[i]);
    }
    return max;
  }

  @Override
  public void exp(float[] in, float addend, float[] out, int count, Scratch scratch) {
    this.addend[0] = addend;
    exps(in, out, 1, count, this.addend);
  }

  @Override
  public void exponentials(
      float[] rows, int count, int pitch, float[] maxima, double[] sums, Scratch scratch) {
    if (shifts.length < count) {
      shifts = new float[count];
    }
    maxima(rows, count, pitch, maxima);
    for (int r = 0; r < count; r++) {
      shifts[r] = RowLoops.shift(maxima[r]);
    }
    exps(rows, rows, count, pitch, shifts);
    for (int r = 0; r < count; r++) {
      sums[r] = sum(rows, r * pitch, (r + 1) * pitch);
    }
  }

  private static void maxima(float[] rows, int count, int pitch, float[] maxima) {
    for (int r = 0; r < count; r++) {
      int end = (r + 1) * pitch;
      FloatVector m0 = broadcast(WIDE, Float.NEGATIVE_INFINITY);
      FloatVector m1 = m0;
      for (int i = r * pitch; i < end; i += 2 * WIDE_LANES) {
        m0 = m0.max(fromArray(WIDE, rows, i));
        m1 = m1.max(fromArray(WIDE, rows, i + WIDE_LANES));
      }
      maxima[r] = m0.max(m1).reduceLanes(VectorOperators.MAX);
    }
  }

  @Override
  public void expRows(float[] rows, int count, int pitch, float[] addends, Scratch scratch) {
    exps(rows, rows, count, pitch, addends);
  }

  private static void exps(float[] in, float[] out, int count, int pitch, float[] addends) {
    FloatVector log2e = broadcast(WIDE, FloatMath.LOG2_E);
    FloatVector rounder = broadcast(WIDE, FloatMath.ROUNDER);
    FloatVector high = broadcast(WIDE, -FloatMath.LN2_HIGH);
    FloatVector low = broadcast(WIDE, -FloatMath.LN2_LOW);
    FloatVector c2 = broadcast(WIDE, FloatMath.EXP_2);
    FloatVector c3 = broadcast(WIDE, FloatMath.EXP_3);
    FloatVector c4 = broadcast(WIDE, FloatMath.EXP_4);
    FloatVector c5 = broadcast(WIDE, FloatMath.EXP_5);
    FloatVector c6 = broadcast(WIDE, FloatMath.EXP_6);
    FloatVector one = broadcast(WIDE, 1f);
    FloatVector least = broadcast(WIDE, FloatMath.EXP_LOWEST);
    FloatVector most = broadcast(WIDE, FloatMath.EXP_HIGHEST);
    for (int row = 0; row < count; row++) {
      FloatVector shift = broadcast(WIDE, addends[row]);
      int end = (row + 1) * pitch;
      for (int i = row * pitch; i < end; i += WIDE_LANES) {
        FloatVector x = fromArray(WIDE, in, i).add(shift).min(most).max(least);
        FloatVector shifted = x.fma(log2e, rounder);
        FloatVector n = shifted.sub(rounder);
        FloatVector r = n.fma(low, n.fma(high, x));
        FloatVector p = c6.fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2);
        p = p.mul(r).fma(r, r).add(one);
        IntVector bits = shifted.reinterpretAsInts().sub(FloatMath.ROUNDER_BITS);
        IntVector half = bits.lanewise(VectorOperators.ASHR, 1);
        IntVector first = bits.sub(half).add(BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        IntVector second = half.add(BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        p.mul(first.reinterpretAsFloats()).mul(second.reinterpretAsFloats()).intoArray(out, i);
      }
    }
  }

  @Override
  public void scaleRows(float[] rows, int count, int pitch, float[] factors) {
    for (int r = 0; r < count; r++) {
      int end = (r + 1) * pitch;
      for (int i = r * pitch; i < end; i += WIDE_LANES) {
        fromArray(WIDE, rows, i).mul(factors[r]).intoArray(rows, i);
      }
    }
  }

  @Override
  public void weighRows(float[] weights, float[] grads, int count, int pitch, float[] along) {
    for (int r = 0; r < count; r++) {
      int end = (r + 1) * pitch;
      for (int i = r * pitch; i < end; i += WIDE_LANES) {
        FloatVector grad = fromArray(WIDE, grads, i).sub(along[r]);
        fromArray(WIDE, weights, i).mul(grad).intoArray(grads, i);
      }
    }
  }

  @Override
  public void affine(float[] row, float scale, float[] gains, float[] biases, int count) {
    for (int i = 0; i < count; i += WIDE_LANES) {
      fromArray(WIDE, row, i)
          .mul(scale)
          .mul(fromArray(WIDE, gains, i))
          .add(fromArray(WIDE, biases, i))
          .intoArray(row, i);
    }
  }

  @Override
  public void normSums(NormRows rows, float mean, float scale, double[] sums, int count) {
    sums[0] = 0;
    sums[1] = 0;
    for (int from = 0; from < count; from += BLOCK) {
      addNormSums(rows, mean, scale, sums, from, Math.min(count, from + BLOCK));
    }
  }

  private void addNormSums(
      NormRows rows, float mean, float scale, double[] sums, int from, int to) {
    float[] in = rows.in();
    float[] dOut = rows.dOut();
    float[] gains = rows.gains();
    int whole = whole(from, to);
    for (int lane = 0; lane < LANES; lane += 2 * WIDE_LANES) {
      FloatVector s0 = FloatVector.zero(WIDE);
      FloatVector s1 = s0;
      FloatVector t0 = s0;
      FloatVector t1 = s0;
      for (int i = from + lane; i < whole; i += LANES) {
        int j = i + WIDE_LANES;
        FloatVector g0 = fromArray(WIDE, dOut, i).mul(fromArray(WIDE, gains, i));
        FloatVector g1 = fromArray(WIDE, dOut, j).mul(fromArray(WIDE, gains, j));
        s0 = s0.add(g0);
        s1 = s1.add(g1);
        t0 = t0.add(g0.mul(fromArray(WIDE, in, i).sub(mean).mul(scale)));
        t1 = t1.add(g1.mul(fromArray(WIDE, in, j).sub(mean).mul(scale)));
      }
      s0.intoArray(first.lanes, lane);
      s1.intoArray(first.lanes, lane + WIDE_LANES);
      t0.intoArray(second.lanes, lane);
      t1.intoArray(second.lanes, lane + WIDE_LANES);
    }
    for (int i = whole; i < to; i++) {
      float g = dOut[i] * gains[i];
      first.rest[i - whole] = g;
      second.rest[i - whole] = g * ((in[i] - mean) * scale);
    }
    sums[0] += first.total(to - whole);
    sums[1] += second.total(to - whole);
  }

  @Override
  public void normBackward(
      NormRows rows, float mean, float scale, float meanGrad, float along, int count) {
    float[] in = rows.in();
    float[] dOut = rows.dOut();
    float[] gains = rows.gains();
    float[] gainSums = rows.gainSums();
    float[] biasSums = rows.biasSums();
    float[] dIn = rows.dIn();
    for (int i = 0; i < count; i += WIDE_LANES) {
      FloatVector normal = fromArray(WIDE, in, i).sub(mean).mul(scale);
      FloatVector grad = fromArray(WIDE, dOut, i);
      fromArray(WIDE, gainSums, i).add(grad.mul(normal)).intoArray(gainSums, i);
      fromArray(WIDE, biasSums, i).add(grad).intoArray(biasSums, i);
      FloatVector g = grad.mul(fromArray(WIDE, gains, i));
      g.sub(meanGrad).sub(normal.mul(along)).mul(scale).intoArray(dIn, i);
    }
  }
}
