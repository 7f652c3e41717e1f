package io.batchwright.train.rank;

import io.batchwright.train.step.StepReport;

/**
 * Hears of training on the driver while it happens, by executors' heartbeats. Nothing it does can
 * change what is trained.
 *
 * <p>Steps may be left out where they are many between two heartbeats. Where a lost rank made all
 * ranks go back to a checkpoint, steps come again: the number falls. Calls come one at a time, on a
 * thread that other listeners wait for.
 */
@FunctionalInterface
public interface TrainingListener {
  /** A step, with the times of rank 0. */
  void step(StepReport report);

  /** A step as one rank saw it; rank 0 has its turn here, too. */
  default void rank(int rank, StepReport report) {}
}
