package io.batchwright.jobs.track;

import java.time.Clock;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * What trackers know of a training before it starts.
 *
 * @param spark the session
 * @param name what people call it, such as the name of the output folder
 * @param runId the run's id, as in {@code run.json}
 * @param directory the training's folder, where files of trackers go
 * @param steps planned steps
 * @param ranks that train together
 * @param parameters the recipe's values by dotted key, secrets hidden
 * @param clock for time stamps
 */
public record TrainingFacts(
    SparkSession spark,
    String name,
    String runId,
    String directory,
    long steps,
    int ranks,
    Map<String, String> parameters,
    Clock clock) {

  /** Now, in seconds since 1970. */
  double seconds() {
    return clock.millis() / 1e3;
  }
}
