package io.batchwright.jobs.track;

import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;

/** Somewhere that training is seen while it happens. No tracker changes what is trained. */
public sealed interface Tracker extends Serializable
    permits TensorBoard, MlFlow, SparkMetrics, TrainingTab, CustomTracker {

  /**
   * Starts to track a training; empty where there is nothing to do.
   *
   * @throws IOException if it cannot; training goes on without it
   */
  Optional<TrackedRun> open(TrainingFacts facts) throws IOException;
}
