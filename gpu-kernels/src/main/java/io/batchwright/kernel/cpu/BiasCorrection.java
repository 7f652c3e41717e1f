package io.batchwright.kernel.cpu;

import java.util.Arrays;

/** {@code 1 - beta1^s} and {@code sqrt(1 - beta2^s)} for s = 1, 2, ... */
final class BiasCorrection {
  private final double beta1;
  private final double beta2;
  private double[] first = {};
  private double[] secondRoot = {};

  BiasCorrection(double beta1, double beta2) {
    this.beta1 = beta1;
    this.beta2 = beta2;
  }

  boolean isOf(double otherBeta1, double otherBeta2) {
    return Double.compare(beta1, otherBeta1) == 0 && Double.compare(beta2, otherBeta2) == 0;
  }

  double first(int step) {
    extendTo(step);
    return first[step - 1];
  }

  double secondRoot(int step) {
    extendTo(step);
    return secondRoot[step - 1];
  }

  private void extendTo(int step) {
    int known = first.length;
    if (step <= known) {
      return;
    }
    int length = Math.max(step, 2 * known + 64);
    first = Arrays.copyOf(first, length);
    secondRoot = Arrays.copyOf(secondRoot, length);
    for (int s = known + 1; s <= length; s++) {
      first[s - 1] = 1 - StrictMath.pow(beta1, s);
      secondRoot[s - 1] = StrictMath.sqrt(1 - StrictMath.pow(beta2, s));
    }
  }
}
