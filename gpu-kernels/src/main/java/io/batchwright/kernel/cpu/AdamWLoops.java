package io.batchwright.kernel.cpu;

import io.batchwright.kernel.AdamWRule;

/**
 * One step of AdamW over a tile. The formula and its order stand here once per type; dense updates,
 * touched rows and replayed steps all run it, which is what makes them agree bit for bit.
 *
 * <p>In single precision a moment below 1e-31 becomes 0: adding and subtracting {@value #FLUSH}
 * rounds it away. Without that, a moment that decays for 800 steps becomes subnormal, and the
 * processor a hundred times slower; its share of an update is below 1e-23 either way.
 */
final class AdamWLoops {
  static final float FLUSH = 1e-24f;

  private AdamWLoops() {}

  /**
   * The scalars of one step.
   *
   * @param keep {@code 1 - rate * weightDecay}
   * @param stepSize {@code rate / (1 - beta1^step)}
   * @param secondScale {@code 1 / sqrt(1 - beta2^step)}
   * @param epsilon as added to the scaled root
   * @param gradientFactor what gradients are multiplied by first
   */
  record Step(
      double beta1,
      double beta2,
      double keep,
      double stepSize,
      double secondScale,
      double epsilon,
      double gradientFactor) {

    /** As {@code torch.optim.AdamW}. */
    static Step of(AdamWRule rule, double rate, int step, Scratch scratch) {
      BiasCorrection bias = scratch.biasCorrection(rule.beta1(), rule.beta2());
      return new Step(
          rule.beta1(),
          rule.beta2(),
          1 - rate * rule.weightDecay(),
          rate / bias.first(step),
          1 / bias.secondRoot(step),
          rule.epsilon(),
          rule.gradientFactor());
    }

    /** Where Adam moves: what {@link AdamWLoops#update} makes of a parameter that keeps nothing. */
    static Step direction(AdamWRule rule, int step, Scratch scratch) {
      Step of = of(rule, -1, step, scratch);
      return new Step(
          of.beta1, of.beta2, 0, of.stepSize, of.secondScale, of.epsilon, of.gradientFactor);
    }

    /**
     * As {@code torch.optim.SparseAdam}, which adds epsilon before it corrects the second moment.
     */
    static Step lazy(AdamWRule rule, double rate, int step, Scratch scratch) {
      Step of = of(rule, rate, step, scratch);
      return new Step(
          of.beta1,
          of.beta2,
          of.keep,
          of.stepSize,
          of.secondScale,
          of.epsilon * of.secondScale,
          of.gradientFactor);
    }
  }

  static void update(float[] p, float[] g, float[] m, float[] v, int count, Step step) {
    float beta1 = (float) step.beta1;
    float rest1 = (float) (1 - step.beta1);
    float beta2 = (float) step.beta2;
    float rest2 = (float) (1 - step.beta2);
    float keep = (float) step.keep;
    float stepSize = (float) step.stepSize;
    float secondScale = (float) step.secondScale;
    float epsilon = (float) step.epsilon;
    float factor = (float) step.gradientFactor;
    for (int i = 0; i < count; i++) {
      g[i] = factor * g[i];
    }
    for (int i = 0; i < count; i++) {
      m[i] = ((beta1 * m[i] + rest1 * g[i]) + FLUSH) - FLUSH;
    }
    for (int i = 0; i < count; i++) {
      v[i] = ((beta2 * v[i] + rest2 * g[i] * g[i]) + FLUSH) - FLUSH;
    }
    for (int i = 0; i < count; i++) {
      float root = (float) Math.sqrt(v[i]);
      p[i] = keep * p[i] - stepSize * m[i] / (root * secondScale + epsilon);
    }
  }

  static void update(double[] p, double[] g, double[] m, double[] v, int count, Step step) {
    for (int i = 0; i < count; i++) {
      g[i] = step.gradientFactor * g[i];
      m[i] = step.beta1 * m[i] + (1 - step.beta1) * g[i];
      v[i] = step.beta2 * v[i] + (1 - step.beta2) * g[i] * g[i];
      p[i] =
          step.keep * p[i]
              - step.stepSize * m[i] / (Math.sqrt(v[i]) * step.secondScale + step.epsilon);
    }
  }

  /** {@link #update} where all of m and g is 0: only decay is left. */
  static void decay(float[] p, float[] v, int count, Step step) {
    float beta2 = (float) step.beta2;
    float keep = (float) step.keep;
    for (int i = 0; i < count; i++) {
      v[i] = (beta2 * v[i] + FLUSH) - FLUSH;
    }
    for (int i = 0; i < count; i++) {
      p[i] = keep * p[i];
    }
  }
}
