package io.batchwright.jobs.track;

import java.io.IOException;
import java.util.List;

/** Where MLflow keeps runs. */
interface MlFlowStore {
  /**
   * One figure.
   *
   * @param timestamp in milliseconds since 1970
   */
  record Metric(String key, double value, long timestamp, long step) {}

  /** Starts a run in the experiment of that name, with its parameters and tags. */
  void start(String experiment, TrainingFacts facts) throws IOException;

  /** Adds figures. */
  void log(List<Metric> metrics) throws IOException;

  /** Ends the run. */
  void end(boolean finished, long timestamp) throws IOException;
}
