package io.batchwright.kernel.cpu;

/** The element-wise loops in double precision: the reference, exact rather than fast. */
final class DoubleLoops {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  private DoubleLoops() {}

  static void add(double[] a, double[] b, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] + b[i];
    }
  }

  static void subtract(double[] a, double[] b, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] - b[i];
    }
  }

  static void multiply(double[] a, double[] b, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] * b[i];
    }
  }

  static void divide(double[] a, double[] b, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = a[i] / b[i];
    }
  }

  static void scale(double[] in, double factor, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = factor * in[i];
    }
  }

  static void shift(double[] in, double addend, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = in[i] + addend;
    }
  }

  /** {@code out = b + factor * a}. */
  static void axpy(double factor, double[] a, double[] b, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = b[i] + factor * a[i];
    }
  }

  static void exp(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = StrictMath.exp(in[i]);
    }
  }

  static void log(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = StrictMath.log(in[i]);
    }
  }

  static void sqrt(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.sqrt(in[i]);
    }
  }

  static void tanh(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = StrictMath.tanh(in[i]);
    }
  }

  static void sign(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.signum(in[i]);
    }
  }

  static void relu(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = Math.max(in[i], 0);
    }
  }

  static void reluBackward(double[] in, double[] dOut, double[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      dIn[i] = in[i] > 0 ? dOut[i] : 0;
    }
  }

  static void tanhBackward(double[] out, double[] dOut, double[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      dIn[i] = dOut[i] * (1 - out[i] * out[i]);
    }
  }

  static void gelu(double[] in, double[] out, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = 0.5 * in[i] * (1 + DoubleMath.erf(in[i] * SQRT_HALF));
    }
  }

  static void geluBackward(double[] in, double[] dOut, double[] dIn, int count) {
    for (int i = 0; i < count; i++) {
      double x = in[i];
      double density = StrictMath.exp(-0.5 * x * x) * INVERSE_SQRT_TWO_PI;
      dIn[i] = dOut[i] * (0.5 * (1 + DoubleMath.erf(x * SQRT_HALF)) + x * density);
    }
  }
}
