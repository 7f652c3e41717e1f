package io.batchwright.train.schedule;

/** Linear warm-up that never has a rate of zero and reaches the peak at step {@code steps}. */
record Warmup(long steps) {

  static Warmup of(long warmupSteps, double warmupShare, long totalSteps) {
    long steps = warmupSteps > 0 ? warmupSteps : Math.round(warmupShare * totalSteps);
    return new Warmup(Math.min(steps, totalSteps));
  }

  /** {@code (step + 1) / (steps + 1)} during the warm-up, 1 after it. */
  double factor(long step) {
    return step >= steps ? 1 : (step + 1.0) / (steps + 1.0);
  }

  /** How much of the run from the end of the warm-up to {@code end} is over, in [0, 1]. */
  double progress(long step, long end) {
    return end <= steps ? 1 : Math.min(1, Math.max(0, step - steps) / (double) (end - steps));
  }
}
