package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatMathTest {
  private static final int GRID = 2_000_000;
  private final Scratch scratch = new Scratch();

  private interface Loop {
    void apply(float[] in, float[] out, int count);
  }

  @Test
  void expIsWithinItsStatedError() {
    assertThat(
            worst(
                (in, out, n) -> FloatMath.exp(in, -0.5f, out, n, scratch),
                x -> StrictMath.exp((float) x - 0.5f),
                -86,
                88.7))
        .isLessThan(2e-7);
  }

  @Test
  void geluAndItsDerivativeAreWithinTheirStatedErrors() {
    assertThat(worstDifference(FloatMath::gelu, x -> x * share(x), -9, 9)).isLessThan(1e-6);
    assertThat(
            worstDifference(
                (in, out, n) -> FloatMath.geluBackward(in, ones(n), out, n),
                x -> share(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI),
                -9,
                9))
        .isLessThan(4e-7);
  }

  private static double share(double x) {
    return (1 + DoubleMath.erf(x / Math.sqrt(2))) / 2;
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void tanhIsWithinItsStatedError() {
    assertThat(worst(FloatMath::tanh, StrictMath::tanh, -12, 12)).isLessThan(5e-7);
  }

  @Test
  void logIsWithinItsStatedError() {
    for (double x = 1e-30; x < 1e30; x *= 1.0007) {
      assertThat(Math.abs(FloatMath.log(x) - StrictMath.log(x))).as("log %s", x).isLessThan(1e-10);
    }
    assertThat(FloatMath.log(1)).isZero();
  }

  /** Values from Abramowitz and Stegun, table 7.1, and from C's erf. */
  @Test
  void theDoubleErrorFunctionHasItsKnownValues() {
    double[][] known = {
      {0.5, 0.5204998778130465},
      {1, 0.8427007929497149},
      {1.9999, 0.9953201979070294},
      {2, 0.9953222650189527},
      {3, 0.9999779095030014},
      {-1, -0.8427007929497149},
      {7, 1}
    };
    for (double[] pair : known) {
      assertThat(Math.abs(DoubleMath.erf(pair[0]) - pair[1]))
          .as("erf %s", pair[0])
          .isLessThan(2e-15);
    }
    assertThat(DoubleMath.erf(0)).isZero();
    assertThat(DoubleMath.erf(Double.NaN)).isNaN();
  }

  @Test
  void theEndsOfTheRangeAreRight() {
    float[] in = {
      Float.NEGATIVE_INFINITY, -200, -95, 0, 88.8f, Float.POSITIVE_INFINITY, Float.NaN, -0f
    };
    float[] out = new float[in.length];
    FloatMath.exp(in, 0, out, in.length, scratch);
    assertThat(out[0]).isZero();
    assertThat(out[1]).isZero();
    assertThat(out[2]).isBetween(5e-42f, 6e-42f); // subnormal
    assertThat(out[3]).isOne();
    assertThat(out[4]).isInfinite();
    assertThat(out[5]).isInfinite();
    assertThat(out[6]).isNaN();
    assertThat(out[7]).isOne();
    FloatMath.tanh(in, out, in.length);
    assertThat(out).containsExactly(-1, -1, -1, 0, 1, 1, Float.NaN, -0f);
    float[] numbers = {-200, -5.6f, -0f, 88.8f, Float.POSITIVE_INFINITY, Float.NaN};
    FloatMath.gelu(numbers, out, numbers.length);
    assertThat(Arrays.copyOf(out, numbers.length))
        .containsExactly(0, 0, 0, 88.8f, Float.POSITIVE_INFINITY, Float.NaN);
  }

  private static double worstDifference(
      Loop loop, DoubleUnaryOperator exact, double from, double to) {
    float[] in = grid(from, to);
    float[] out = new float[GRID];
    loop.apply(in, out, GRID);
    double worst = 0;
    for (int i = 0; i < GRID; i++) {
      worst = Math.max(worst, Math.abs(out[i] - exact.applyAsDouble(in[i])));
    }
    return worst;
  }

  private static float[] grid(double from, double to) {
    float[] in = new float[GRID];
    for (int i = 0; i < GRID; i++) {
      in[i] = (float) (from + (to - from) * i / (GRID - 1));
    }
    return in;
  }

  private static double worst(Loop loop, DoubleUnaryOperator exact, double from, double to) {
    float[] in = grid(from, to);
    float[] out = new float[GRID];
    loop.apply(in, out, GRID);
    double worst = 0;
    for (int i = 0; i < GRID; i++) {
      double expected = exact.applyAsDouble(in[i]);
      worst = Math.max(worst, expected == 0 ? Math.abs(out[i]) : Math.abs(out[i] / expected - 1));
    }
    return worst;
  }

  @Test
  void loopsWithoutBranchesKnowEveryKindOfNumber() {
    float[] in = {
      0f,
      -0f,
      1f,
      -2.5f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_NORMAL,
      1e-20f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x7f800001),
      Float.intBitsToFloat(0xff800001)
    };
    float[] signs = new float[in.length];
    FloatLoops.sign(in, signs, in.length);
    float[] gradients = new float[in.length];
    Arrays.fill(gradients, Float.NEGATIVE_INFINITY);
    FloatLoops.reluBackward(in, gradients, gradients, in.length);
    for (int i = 0; i < in.length; i++) {
      // As objects: a NaN is itself, a zero has a sign.
      assertThat(Float.valueOf(signs[i])).isEqualTo(Float.valueOf(Math.signum(in[i])));
      assertThat(gradients[i]).as("%s", in[i]).isEqualTo(in[i] > 0 ? Float.NEGATIVE_INFINITY : 0f);
    }
  }
}
