package io.batchwright.jobs.bench.engine;

import java.lang.management.ManagementFactory;

/** What one of our training steps costs. */
public final class StepCost {
  private static final int STEPS = 3;

  private StepCost() {}

  /** Processor seconds of a step on one thread: the least of some, after one that warms up. */
  public static double processorSeconds(StepShape shape) {
    try (OurStep step = new OurStep(shape, StepWork.DENSE)) {
      step.step();
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < STEPS; i++) {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        step.step();
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        least = Math.min(least, (end - start) / 1e9);
      }
      return least;
    }
  }
}
