package io.batchwright.kernel.cpu;

/**
 * exp, tanh, erf and GELU over whole float arrays, without branches so that C2 vectorises the
 * loops. Coefficients are minimax fits of our own (iteratively reweighted least squares in double
 * precision); the errors below are those of the float arithmetic, measured on dense grids by {@code
 * FloatMathTest}. Where {@code Math.fma} stands, multiplication and addition round once, which
 * every processor of the last ten years does in one instruction. {@link FusedLoops} runs the same
 * formulas with vectors.
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

  static final float SQRT_HALF = 0.70710678f;

  /** {@code erf(x) = x P(x^2) / Q(x^2)} up to here, where it is 1 in single precision. */
  static final float ERF_END = 3.92f;

  static final float ERF_P0 = 1.128379146f;
  static final float ERF_P1 = 1.904060830e-1f;
  static final float ERF_P2 = 5.274866480e-2f;
  static final float ERF_P3 = 3.765598789e-3f;
  static final float ERF_P4 = 2.848820599e-4f;
  static final float ERF_P5 = 2.050086702e-6f;
  static final float ERF_Q1 = 5.020757385e-1f;
  static final float ERF_Q2 = 1.141089465e-1f;
  static final float ERF_Q3 = 1.496917988e-2f;
  static final float ERF_Q4 = 1.162530653e-3f;
  static final float ERF_Q5 = 3.809167454e-5f;

  /** {@code gelu'(x) = 1/2 + x P(x^2) / Q(x^2)} up to here, where it has reached its ends. */
  static final float GELU_END = 6f;

  static final float GELU_P0 = 7.978845313e-1f;
  static final float GELU_P1 = -2.237094705e-2f;
  static final float GELU_P2 = 1.385734494e-2f;
  static final float GELU_P3 = 2.027338557e-4f;
  static final float GELU_P4 = 3.409229474e-5f;
  static final float GELU_P5 = 9.225242868e-7f;
  static final float GELU_P6 = 1.704540893e-8f;
  static final float GELU_Q1 = 3.052951387e-1f;
  static final float GELU_Q2 = 4.413372459e-2f;
  static final float GELU_Q3 = 3.971529439e-3f;
  static final float GELU_Q4 = 2.453246880e-4f;
  static final float GELU_Q5 = 1.030796961e-5f;
  static final float GELU_Q6 = 3.389653555e-7f;
  static final float GELU_Q7 = 1.314682311e-9f;

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

  /** {@code out = tanh(in)}, within 5e-7 relative. */
  static void tanh(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      float x = Math.max(-9.02f, Math.min(9.02f, in[i]));
      float u = x * x;
      float p = -8.436053774e-14f;
      p = p * u + 5.257782899e-11f;
      p = p * u - 2.018397778e-8f;
      p = p * u + 1.114425894e-5f;
      p = p * u + 3.103001661e-3f;
      p = p * u + 1.308315717e-1f;
      p = p * u + 9.999999932e-1f;
      float q = 2.544751611e-4f;
      q = q * u + 2.449138232e-2f;
      q = q * u + 4.641648413e-1f;
      q = q * u + 1f;
      out[i] = Math.max(-1f, Math.min(1f, x * p / q));
    }
  }

  /** {@code out = in (1 + erf(in / sqrt 2)) / 2}. */
  static void gelu(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      float half = 0.5f * in[i];
      out[i] = Math.fma(half, erf(in[i] * SQRT_HALF), half);
    }
  }

  /** The error function, within 6e-7 relative. */
  static float erf(float value) {
    float x = Math.max(-ERF_END, Math.min(ERF_END, value));
    float u = x * x;
    float p = ERF_P5;
    p = Math.fma(p, u, ERF_P4);
    p = Math.fma(p, u, ERF_P3);
    p = Math.fma(p, u, ERF_P2);
    p = Math.fma(p, u, ERF_P1);
    p = Math.fma(p, u, ERF_P0);
    float q = ERF_Q5;
    q = Math.fma(q, u, ERF_Q4);
    q = Math.fma(q, u, ERF_Q3);
    q = Math.fma(q, u, ERF_Q2);
    q = Math.fma(q, u, ERF_Q1);
    q = Math.fma(q, u, 1f);
    return Math.max(-1f, Math.min(1f, x * p / q));
  }

  /**
   * {@code dIn = dOut * gelu'(in)}, {@code gelu'} within 4e-7: {@code gelu'(x) = (1 + erf(x / sqrt
   * 2)) / 2 + x e^(-x^2 / 2) / sqrt(2 pi)} is 1/2 and an odd function, here a quotient of
   * polynomials.
   */
  static void geluBackward(float[] in, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      float x = Math.max(-GELU_END, Math.min(GELU_END, in[i]));
      float u = x * x;
      float p = GELU_P6;
      p = Math.fma(p, u, GELU_P5);
      p = Math.fma(p, u, GELU_P4);
      p = Math.fma(p, u, GELU_P3);
      p = Math.fma(p, u, GELU_P2);
      p = Math.fma(p, u, GELU_P1);
      p = Math.fma(p, u, GELU_P0);
      float q = GELU_Q7;
      q = Math.fma(q, u, GELU_Q6);
      q = Math.fma(q, u, GELU_Q5);
      q = Math.fma(q, u, GELU_Q4);
      q = Math.fma(q, u, GELU_Q3);
      q = Math.fma(q, u, GELU_Q2);
      q = Math.fma(q, u, GELU_Q1);
      q = Math.fma(q, u, 1f);
      dIn[i] = dOut[i] * (0.5f + x * p / q);
    }
  }
}
