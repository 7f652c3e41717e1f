package io.batchwright.kernel;

/**
 * The numbers of one AdamW update (Loshchilov and Hutter, arXiv 1711.05101), as {@code
 * torch.optim.AdamW} applies them:
 *
 * <pre>
 *   g = gradientFactor g
 *   p = p (1 - rate weightDecay)
 *   m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
 *   p = p - rate / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon)
 * </pre>
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon at least 0
 * @param weightDecay decoupled decay, at least 0
 * @param gradientFactor what clipping asks for, at least 0, so that it needs no pass over memory of
 *     its own; rounded to the type of the gradient like {@link ElementKernels#scaleEach}
 */
public record AdamWRule(
    double beta1, double beta2, double epsilon, double weightDecay, double gradientFactor) {

  /** Takes gradients as they are. */
  public AdamWRule(double beta1, double beta2, double epsilon, double weightDecay) {
    this(beta1, beta2, epsilon, weightDecay, 1);
  }

  /** Checks the ranges. */
  public AdamWRule {
    requireBelowOne("beta1", beta1);
    requireBelowOne("beta2", beta2);
    requireNotNegative("epsilon", epsilon);
    requireNotNegative("weightDecay", weightDecay);
    requireNotNegative("gradientFactor", gradientFactor);
  }

  /** The same rule for gradients that are multiplied by {@code factor} first. */
  public AdamWRule ofGradientsTimes(double factor) {
    return factor == gradientFactor
        ? this
        : new AdamWRule(beta1, beta2, epsilon, weightDecay, factor);
  }

  private static void requireBelowOne(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException("AdamWRule." + name + " must be in [0, 1), got " + value);
    }
  }

  private static void requireNotNegative(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException("AdamWRule." + name + " must be at least 0, got " + value);
    }
  }
}
