package io.batchwright.jobs.track;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One training as one tracker shows it. Calls come one at a time, on a thread of its own; one that
 * throws is the last but for {@link #end}.
 */
public interface TrackedRun {
  /** Steps of all ranks, in the order in which each rank took them. */
  void steps(List<TrackedStep> steps) throws IOException;

  /**
   * Training is over.
   *
   * @param failure why it failed, or empty
   */
  void end(Optional<String> failure) throws IOException;
}
