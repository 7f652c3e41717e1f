package io.batchwright.kernel.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowLoops} by {@code jdk.incubator.vector}. Sums use vectors of eight on every machine,
 * four at a time, so that their order is the same everywhere.
 *
 * <p>Long chains call the library alone: C2 stops inlining other methods into a large loop, and a
 * vector that is passed to one becomes an object.
 */
final class VectorRowLoops implements RowLoops {
  private static final VectorSpecies<Float> EIGHT = Vectors.EIGHT;
  private static final VectorSpecies<Float> WIDE = Vectors.WIDE;
  private static final int WIDE_LANES = WIDE.length();
  private static final int MANTISSA_BITS = 23;
  private static final int BIAS = 127;

  @Override
  public double sum(float[] a, int count) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += sum(a, from, Math.min(count, from + BLOCK));
    }
    return total;
  }

  private static float sum(float[] a, int from, int to) {
    FloatVector s0 = FloatVector.zero(EIGHT);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      s0 = s0.add(FloatVector.fromArray(EIGHT, a, i));
      s1 = s1.add(FloatVector.fromArray(EIGHT, a, i + 8));
      s2 = s2.add(FloatVector.fromArray(EIGHT, a, i + 16));
      s3 = s3.add(FloatVector.fromArray(EIGHT, a, i + 24));
    }
    FloatVector s = s0.add(s1).add(s2.add(s3));
    for (; i + 8 <= to; i += 8) {
      s = s.add(FloatVector.fromArray(EIGHT, a, i));
    }
    float sum = fold(s);
    for (; i < to; i++) {
      sum += a[i];
    }
    return sum;
  }

  @Override
  public double dot(float[] a, float[] b, int count) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += dot(a, b, from, Math.min(count, from + BLOCK));
    }
    return total;
  }

  private static float dot(float[] a, float[] b, int from, int to) {
    FloatVector s0 = FloatVector.zero(EIGHT);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      s0 = s0.add(product(a, b, i));
      s1 = s1.add(product(a, b, i + 8));
      s2 = s2.add(product(a, b, i + 16));
      s3 = s3.add(product(a, b, i + 24));
    }
    FloatVector s = s0.add(s1).add(s2.add(s3));
    for (; i + 8 <= to; i += 8) {
      s = s.add(product(a, b, i));
    }
    float sum = fold(s);
    for (; i < to; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static FloatVector product(float[] a, float[] b, int i) {
    return FloatVector.fromArray(EIGHT, a, i).mul(FloatVector.fromArray(EIGHT, b, i));
  }

  /** The order of {@link JavaRowLoops}, which a reduction of the library does not promise. */
  static float fold(FloatVector s) {
    return ((s.lane(0) + s.lane(4)) + (s.lane(2) + s.lane(6)))
        + ((s.lane(1) + s.lane(5)) + (s.lane(3) + s.lane(7)));
  }

  @Override
  public float max(float[] a, int count) {
    FloatVector m = FloatVector.broadcast(WIDE, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i + WIDE.length() <= count; i += WIDE.length()) {
      m = m.max(FloatVector.fromArray(WIDE, a, i));
    }
    float max = m.reduceLanes(VectorOperators.MAX);
    for (; i < count; i++) {
      max = Math.max(max, a[i]);
    }
    return max;
  }

  @Override
  public void exp(float[] in, float addend, float[] out, int count, Scratch scratch) {
    for (int i = 0; i < count; i += WIDE_LANES) {
      FloatVector x =
          FloatVector.fromArray(WIDE, in, i)
              .add(addend)
              .min(FloatMath.EXP_HIGHEST)
              .max(FloatMath.EXP_LOWEST);
      FloatVector shifted =
          x.fma(broadcast(WIDE, FloatMath.LOG2_E), broadcast(WIDE, FloatMath.ROUNDER));
      FloatVector n = shifted.sub(FloatMath.ROUNDER);
      FloatVector r = n.fma(broadcast(WIDE, -FloatMath.LN2_HIGH), x);
      r = n.fma(broadcast(WIDE, -FloatMath.LN2_LOW), r);
      FloatVector p = broadcast(WIDE, FloatMath.EXP_6);
      p = p.fma(r, broadcast(WIDE, FloatMath.EXP_5));
      p = p.fma(r, broadcast(WIDE, FloatMath.EXP_4));
      p = p.fma(r, broadcast(WIDE, FloatMath.EXP_3));
      p = p.fma(r, broadcast(WIDE, FloatMath.EXP_2));
      p = p.mul(r).fma(r, r).add(1f);
      IntVector bits = shifted.reinterpretAsInts().sub(FloatMath.ROUNDER_BITS);
      IntVector half = bits.lanewise(VectorOperators.ASHR, 1);
      IntVector first = bits.sub(half).add(BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS);
      IntVector second = half.add(BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS);
      p.mul(first.reinterpretAsFloats()).mul(second.reinterpretAsFloats()).intoArray(out, i);
    }
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
    for (int i = 0; i < count; i += WIDE_LANES) {
      FloatVector normal = at(in, i).sub(mean).mul(scale);
      FloatVector grad = at(dOut, i);
      normal.intoArray(in, i);
      at(gainSums, i).add(grad.mul(normal)).intoArray(gainSums, i);
      at(biasSums, i).add(grad).intoArray(biasSums, i);
      grad.mul(at(gains, i)).intoArray(dOut, i);
    }
  }

  @Override
  public void centre(
      float[] grad, float mean, float[] normal, float along, float scale, int count) {
    for (int i = 0; i < count; i += WIDE_LANES) {
      at(grad, i).sub(mean).sub(at(normal, i).mul(along)).mul(scale).intoArray(grad, i);
    }
  }

  private static FloatVector at(float[] values, int i) {
    return FloatVector.fromArray(WIDE, values, i);
  }
}
