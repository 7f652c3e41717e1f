package io.batchwright.kernel.cpu;

/**
 * exp, tanh and GELU over whole float arrays, without branches so that C2 vectorises the loops.
 * Coefficients are minimax fits of our own (iteratively reweighted least squares in double
 * precision); the errors below are those of the float arithmetic, measured on dense grids by {@code
 * FloatMathTest}. Where {@code Math.fma} stands, multiplication and addition round once, which
 * every processor of the last ten years does in one instruction. {@link VectorStreams} and {@link
 * VectorRowLoops} run the same formulas with vectors.
 */
final class FloatMath {
  static final float LOG2_E = 1.442695041f;
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;

  /**
   * Adding it rounds a float of magnitude below 2^22 to an integer, left in the low mantissa bits.
   */
  static final float ROUNDER = 12582912f;

  static final int ROUNDER_BITS = 0x4B400000;

  /** Below, e^x is 0; above the highest, infinity. */
  static final float EXP_LOWEST = -105f;

  static final float EXP_HIGHEST = 89f;

  /** {@code e^r = 1 + r + r^2 (EXP_2 + EXP_3 r + ...)} for |r| up to half of ln 2. */
  static final float EXP_2 = 4.999999343e-1f;

  static final float EXP_3 = 1.666652040e-1f;
  static final float EXP_4 = 4.166839079e-2f;
  static final float EXP_5 = 8.368745127e-3f;
  static final float EXP_6 = 1.381453988e-3f;

  /** {@code tanh(x) = x P(x^2) / Q(x^2)} up to here, where it is 1 in single precision. */
  static final float TANH_END = 9.02f;

  static final float TANH_P0 = 9.999999932e-1f;
  static final float TANH_P1 = 1.308315717e-1f;
  static final float TANH_P2 = 3.103001661e-3f;
  static final float TANH_P3 = 1.114425894e-5f;
  static final float TANH_P4 = -2.018397778e-8f;
  static final float TANH_P5 = 5.257782899e-11f;
  static final float TANH_P6 = -8.436053774e-14f;
  static final float TANH_Q1 = 4.641648413e-1f;
  static final float TANH_Q2 = 2.449138232e-2f;
  static final float TANH_Q3 = 2.544751611e-4f;

  private static final double LN2 = 0.6931471805599453;

  /** A mantissa from here on belongs to the next exponent: numbers around 1 have exponent 0. */
  private static final long SQRT_HALF_BITS = 0x3FE6A09E667F3BCDL;

  /**
   * {@code gelu(x) = x / 2 + |x| (Phi(|x|) - 1/2)}: the last factor is a polynomial in {@code |x| -
   * GELU_MIDDLE} up to here, where it is 1/2 in single precision.
   */
  static final float GELU_END = 5.5f;

  static final float GELU_MIDDLE = 2.75f;
  static final float GELU_0 = 4.970202446e-1f;
  static final float GELU_1 = 9.093883447e-3f;
  static final float GELU_2 = -1.250366215e-2f;
  static final float GELU_3 = 9.943988174e-3f;
  static final float GELU_4 = -4.753576126e-3f;
  static final float GELU_5 = 1.126684481e-3f;
  static final float GELU_6 = 1.182930937e-4f;
  static final float GELU_7 = -1.837189629e-4f;
  static final float GELU_8 = 5.014191265e-5f;
  static final float GELU_9 = 3.868109616e-6f;
  static final float GELU_10 = -5.461233741e-6f;
  static final float GELU_11 = 7.327110438e-7f;
  static final float GELU_12 = 2.421350587e-7f;
  static final float GELU_13 = -6.054985846e-8f;
  static final float GELU_14 = -4.222932670e-9f;
  static final float GELU_15 = 1.546538120e-9f;

  /** {@code gelu'(x) = 1/2 + x P(x^2) / Q(x^2)} up to here, where it has reached its ends. */
  static final float GELU_SLOPE_END = 6f;

  static final float GELU_SLOPE_P0 = 7.978845313e-1f;
  static final float GELU_SLOPE_P1 = -2.237094705e-2f;
  static final float GELU_SLOPE_P2 = 1.385734494e-2f;
  static final float GELU_SLOPE_P3 = 2.027338557e-4f;
  static final float GELU_SLOPE_P4 = 3.409229474e-5f;
  static final float GELU_SLOPE_P5 = 9.225242868e-7f;
  static final float GELU_SLOPE_P6 = 1.704540893e-8f;
  static final float GELU_SLOPE_Q1 = 3.052951387e-1f;
  static final float GELU_SLOPE_Q2 = 4.413372459e-2f;
  static final float GELU_SLOPE_Q3 = 3.971529439e-3f;
  static final float GELU_SLOPE_Q4 = 2.453246880e-4f;
  static final float GELU_SLOPE_Q5 = 1.030796961e-5f;
  static final float GELU_SLOPE_Q6 = 3.389653555e-7f;
  static final float GELU_SLOPE_Q7 = 1.314682311e-9f;

  private FloatMath() {}

  /**
   * {@code out = e^(in + addend)}, within 2e-7 relative where the result is a normal float; 0 below
   * -104, infinity above 88.73, NaN for NaN.
   *
   * <p>The exponent is {@code n ln 2 + r}: a polynomial in r times 2^n, the latter in two factors
   * so that it neither overflows nor loses the subnormal range.
   */
  static void exp(float[] in, float addend, float[] out, int count, Scratch scratch) {
    float[] power = scratch.floatRow(Slots.EXP_POWER, count);
    float[] rest = scratch.floatRow(Slots.EXP_REST, count);
    int[] bits = scratch.intRow(Slots.EXP_BITS, count);
    int[] half = scratch.intRow(Slots.EXP_HALF_BITS, count);
    for (int i = 0; i < count; i++) {
      float x = Math.max(EXP_LOWEST, Math.min(EXP_HIGHEST, in[i] + addend));
      float shifted = Math.fma(x, LOG2_E, ROUNDER);
      float n = shifted - ROUNDER;
      float r = Math.fma(n, -LN2_HIGH, x);
      r = Math.fma(n, -LN2_LOW, r);
      float p = EXP_6;
      p = Math.fma(p, r, EXP_5);
      p = Math.fma(p, r, EXP_4);
      p = Math.fma(p, r, EXP_3);
      p = Math.fma(p, r, EXP_2);
      rest[i] = Math.fma(p * r, r, r) + 1f;
      power[i] = shifted;
    }
    OffHeap.bitsOf(power, bits, count);
    for (int i = 0; i < count; i++) {
      half[i] = (bits[i] - ROUNDER_BITS) >> 1;
    }
    for (int i = 0; i < count; i++) {
      bits[i] = (bits[i] - ROUNDER_BITS - half[i] + 127) << 23;
    }
    for (int i = 0; i < count; i++) {
      half[i] = (half[i] + 127) << 23;
    }
    OffHeap.floatsOf(bits, power, count);
    for (int i = 0; i < count; i++) {
      rest[i] = rest[i] * power[i];
    }
    OffHeap.floatsOf(half, power, count);
    for (int i = 0; i < count; i++) {
      out[i] = rest[i] * power[i];
    }
  }

  /**
   * The natural logarithm of a positive normal number, within 1e-10: of {@code m 2^e} with m around
   * 1 it is {@code e ln 2 + 2 artanh s}, {@code s = (m - 1) / (m + 1)}, by the terms of artanh's
   * series up to s^11.
   */
  static double log(double x) {
    long bits = Double.doubleToRawLongBits(x) - SQRT_HALF_BITS;
    long exponent = bits >> 52;
    double m = Double.longBitsToDouble((bits & 0xFFFFFFFFFFFFFL) + SQRT_HALF_BITS);
    double s = (m - 1) / (m + 1);
    double u = s * s;
    double series = ((((u / 11 + 1.0 / 9) * u + 1.0 / 7) * u + 1.0 / 5) * u + 1.0 / 3) * u + 1;
    return exponent * LN2 + 2 * s * series;
  }

  /** {@code out = tanh(in)}, within 5e-7 relative. */
  static void tanh(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      float x = Math.max(-TANH_END, Math.min(TANH_END, in[i]));
      float u = x * x;
      float p = TANH_P6;
      p = Math.fma(p, u, TANH_P5);
      p = Math.fma(p, u, TANH_P4);
      p = Math.fma(p, u, TANH_P3);
      p = Math.fma(p, u, TANH_P2);
      p = Math.fma(p, u, TANH_P1);
      p = Math.fma(p, u, TANH_P0);
      float q = TANH_Q3;
      q = Math.fma(q, u, TANH_Q2);
      q = Math.fma(q, u, TANH_Q1);
      q = Math.fma(q, u, 1f);
      out[i] = Math.max(-1f, Math.min(1f, x * p / q));
    }
  }

  /** {@code out = in (1 + erf(in / sqrt 2)) / 2}, within 1e-6. */
  static void gelu(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      float size = Math.abs(in[i]);
      float t = Math.min(size, GELU_END) - GELU_MIDDLE;
      float u = t * t;
      float even = GELU_14;
      even = Math.fma(even, u, GELU_12);
      even = Math.fma(even, u, GELU_10);
      even = Math.fma(even, u, GELU_8);
      even = Math.fma(even, u, GELU_6);
      even = Math.fma(even, u, GELU_4);
      even = Math.fma(even, u, GELU_2);
      even = Math.fma(even, u, GELU_0);
      float odd = GELU_15;
      odd = Math.fma(odd, u, GELU_13);
      odd = Math.fma(odd, u, GELU_11);
      odd = Math.fma(odd, u, GELU_9);
      odd = Math.fma(odd, u, GELU_7);
      odd = Math.fma(odd, u, GELU_5);
      odd = Math.fma(odd, u, GELU_3);
      odd = Math.fma(odd, u, GELU_1);
      float share = Math.min(0.5f, Math.fma(odd, t, even));
      out[i] = Math.fma(size, share, 0.5f * in[i]);
    }
  }

  /**
   * {@code dIn = dOut * gelu'(in)}, {@code gelu'} within 4e-7: {@code gelu'(x) = (1 + erf(x / sqrt
   * 2)) / 2 + x e^(-x^2 / 2) / sqrt(2 pi)} is 1/2 and an odd function, here a quotient of
   * polynomials.
   */
  static void geluBackward(float[] in, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      float x = Math.max(-GELU_SLOPE_END, Math.min(GELU_SLOPE_END, in[i]));
      float u = x * x;
      float p = GELU_SLOPE_P6;
      p = Math.fma(p, u, GELU_SLOPE_P5);
      p = Math.fma(p, u, GELU_SLOPE_P4);
      p = Math.fma(p, u, GELU_SLOPE_P3);
      p = Math.fma(p, u, GELU_SLOPE_P2);
      p = Math.fma(p, u, GELU_SLOPE_P1);
      p = Math.fma(p, u, GELU_SLOPE_P0);
      float q = GELU_SLOPE_Q7;
      q = Math.fma(q, u, GELU_SLOPE_Q6);
      q = Math.fma(q, u, GELU_SLOPE_Q5);
      q = Math.fma(q, u, GELU_SLOPE_Q4);
      q = Math.fma(q, u, GELU_SLOPE_Q3);
      q = Math.fma(q, u, GELU_SLOPE_Q2);
      q = Math.fma(q, u, GELU_SLOPE_Q1);
      q = Math.fma(q, u, 1f);
      dIn[i] = dOut[i] * (0.5f + x * p / q);
    }
  }
}
