package io.batchwright.kernel.cuda;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.tensor.DType;

/**
 * The scalars of one step of AdamW, worked out in double precision as on the CPU.
 *
 * @param beta1 of the rule
 * @param beta2 of the rule
 * @param keep {@code 1 - rate * weightDecay}
 * @param stepSize {@code rate / (1 - beta1^step)}
 * @param secondScale {@code 1 / sqrt(1 - beta2^step)}
 * @param epsilon as added to the scaled root
 * @param gradientFactor what gradients are multiplied by first
 */
record AdamWScalars(
    double beta1,
    double beta2,
    double keep,
    double stepSize,
    double secondScale,
    double epsilon,
    double gradientFactor) {
  /** How many numbers of a step a kernel takes. */
  static final int NUMBERS = 9;

  /** As {@code torch.optim.AdamW}. */
  static AdamWScalars of(AdamWRule rule, double rate, int step) {
    return new AdamWScalars(
        rule.beta1(),
        rule.beta2(),
        1 - rate * rule.weightDecay(),
        rate / (1 - StrictMath.pow(rule.beta1(), step)),
        1 / StrictMath.sqrt(1 - StrictMath.pow(rule.beta2(), step)),
        rule.epsilon(),
        rule.gradientFactor());
  }

  /** Where Adam moves: what the formula makes of a parameter that keeps nothing. */
  static AdamWScalars direction(AdamWRule rule, int step) {
    AdamWScalars of = of(rule, -1, step);
    return new AdamWScalars(
        of.beta1, of.beta2, 0, of.stepSize, of.secondScale, of.epsilon, of.gradientFactor);
  }

  /** As {@code torch.optim.SparseAdam}, which adds epsilon before it corrects the second moment. */
  static AdamWScalars lazy(AdamWRule rule, double rate, int step) {
    AdamWScalars of = of(rule, rate, step);
    return new AdamWScalars(
        of.beta1,
        of.beta2,
        of.keep,
        of.stepSize,
        of.secondScale,
        of.epsilon * of.secondScale,
        of.gradientFactor);
  }

  /** In the order in which {@code updates.cu} takes them. */
  double[] numbers() {
    return new double[] {
      beta1, 1 - beta1, beta2, 1 - beta2, keep, stepSize, secondScale, epsilon, gradientFactor
    };
  }

  /** As the last parameters of a launch. */
  Launch addTo(Launch launch, DType dtype) {
    for (double number : numbers()) {
      launch.scalar(dtype, number);
    }
    return launch;
  }
}
