package io.batchwright.kernel.cpu;

/** The element-wise loops in single precision; each one vectorises on its own. */
final class FloatLoops {
  /** The bits of the first NaN; those of infinity are one less. */
  private static final int NAN = 0x7f800001;

  private FloatLoops() {}

  static void add(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] + b[i];
    }
  }

  static void max(float[] a, float[] b, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(a[i], b[i]);
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

  /** {@code grad = weights * (grad - along)}. */
  static void weigh(float[] weights, float[] grad, float along, int count) {
    for (int i = 0; i < count; i++) {
      grad[i] = weights[i] * (grad[i] - along);
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

  /** {@link Math#signum}, which C2 does not vectorize: all but 0 and NaN is taken beyond 1. */
  static void sign(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(-1f, Math.min(1f, in[i] * 0x1p100f * 0x1p100f));
    }
  }

  static void relu(float[] in, float[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(in[i], 0f);
    }
  }

  static void reluBackward(float[] in, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToRawIntBits(in[i]);
      // All ones where in is above 0 and no NaN: a branch would be guessed wrong half of the time.
      int above = (-bits & ~bits & (bits - NAN)) >> 31;
      dIn[i] = Float.intBitsToFloat(Float.floatToRawIntBits(dOut[i]) & above);
    }
  }

  static void tanhBackward(float[] out, float[] dOut, float[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      dIn[i] = dOut[i] * (1f - out[i] * out[i]);
    }
  }
}
