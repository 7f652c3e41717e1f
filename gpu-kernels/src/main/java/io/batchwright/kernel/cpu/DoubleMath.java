package io.batchwright.kernel.cpu;

/** The error function in double precision. */
final class DoubleMath {
  private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;
  private static final double SPLIT = 2.0;
  private static final int SERIES_TERMS = 60;
  private static final int FRACTION_TERMS = 120;

  private DoubleMath() {}

  /**
   * erf(x) within 1e-15: its Taylor series with positive terms below 2, the continued fraction of
   * erfc above (Abramowitz and Stegun 7.1.6 and 7.1.14).
   */
  static double erf(double x) {
    double z = Math.abs(x);
    if (!(z < 6)) {
      return Double.isNaN(x) ? x : Math.signum(x);
    }
    if (z < SPLIT) {
      double term = z;
      double sum = z;
      for (int n = 1; n < SERIES_TERMS; n++) {
        term *= 2 * z * z / (2 * n + 1);
        sum += term;
      }
      return Math.signum(x) * TWO_OVER_SQRT_PI * StrictMath.exp(-z * z) * sum;
    }
    double fraction = z;
    for (int n = FRACTION_TERMS; n >= 1; n--) {
      fraction = z + n / 2.0 / fraction;
    }
    return Math.signum(x) * (1 - TWO_OVER_SQRT_PI / 2 * StrictMath.exp(-z * z) / fraction);
  }
}
