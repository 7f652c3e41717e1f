package io.batchwright.kernel.cpu;

/** The element-wise loops in single precision; each one vectorises on its own. */
final class FloatLoops {
  private static final float SQRT_HALF = 0.70710678f;
  private static final float INVERSE_SQRT_TWO_PI = 0.39894228f;

  private FloatLoops() {}

  static void add(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] + b[i];
    }
  }

  /** {@code sum += (a + b) + (c + d)}. */
  static void addFour(float[] a, float[] b, float[] c, float[] d, float[] sum, int count) {
    for (int i = 0; i < count; i++) {
      sum[i] += (a[i] + b[i]) + (c[i] + d[i]);
    }
  }

  static void subtract(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] - b[i];
    }
  }

  static void multiply(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] * b[i];
    }
  }

  static void divide(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] / b[i];
    }
  }

  static void scale(float[] in, float factor, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = factor * in[i];
    }
  }

  static void shift(float[] in, float addend, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = in[i] + addend;
    }
  }

  /** {@code out = b + factor * a}. */
  static void axpy(float factor, float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = b[i] + factor * a[i];
    }
  }

  static void log(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) StrictMath.log(in[i]);
    }
  }

  static void sqrt(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (float) Math.sqrt(in[i]);
    }
  }

  static void sign(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.signum(in[i]);
    }
  }

  static void relu(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(in[i], 0f);
    }
  }

  static void reluBackward(float[] in, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      dIn[i] = in[i] > 0 ? dOut[i] : 0f;
    }
  }

  static void tanhBackward(float[] out, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      dIn[i] = dOut[i] * (1f - out[i] * out[i]);
    }
  }

  static void gelu(float[] in, float[] out, int count, Scratch scratch) {
    float[] scaled = scratch.floats3;
    scale(in, SQRT_HALF, scaled, count);
    FloatMath.erf(scaled, scaled, count);
    for (int i = 0; i < count; i++) {
      out[i] = 0.5f * in[i] * (1f + scaled[i]);
    }
  }

  /** {@code gelu'(x) = (1 + erf(x / sqrt 2)) / 2 + x e^(-x^2 / 2) / sqrt(2 pi)}. */
  static void geluBackward(float[] in, float[] dOut, float[] dIn, int count, Scratch scratch) {
    float[] scaled = scratch.floats3;
    float[] density = scratch.floatRow(Slots.DENSITY, count);
    scale(in, SQRT_HALF, scaled, count);
    FloatMath.erf(scaled, scaled, count);
    for (int i = 0; i < count; i++) {
      density[i] = -0.5f * in[i] * in[i];
    }
    FloatMath.exp(density, density, count, scratch);
    for (int i = 0; i < count; i++) {
      dIn[i] = dOut[i] * (0.5f * (1f + scaled[i]) + in[i] * density[i] * INVERSE_SQRT_TWO_PI);
    }
  }

  static float max(float[] in, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, in[i]);
    }
    return max;
  }
}
