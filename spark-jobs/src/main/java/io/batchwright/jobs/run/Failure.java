package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Optional;

/**
 * A failure as its user reads it.
 *
 * @param exitCode 2 usage, 3 data, 4 resources, 1 anything else
 * @param retryable whether the same command can succeed later
 * @param paragraph what went wrong and what to do, without a stack trace
 */
record Failure(int exitCode, boolean retryable, String paragraph) {
  /** The process was told to stop. */
  static final Failure INTERRUPTED =
      new Failure(
          1, true, "The process was stopped. The same command with --resume goes on from here.");

  static Failure of(Throwable thrown) {
    if (thrown instanceof FailedRun run) {
      return run.failure();
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchwrightException known) {
        return new Failure(known.exitCode(), known.retryable(), known.getMessage());
      }
    }
    Optional<String> files = FileFailure.recognise(thrown);
    if (files.isPresent()) {
      return new Failure(4, true, "Cannot write the output: " + files.get());
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return new Failure(
            4,
            true,
            "Out of memory (%s). Give the driver more with --conf spark.driver.memory=8g or BATCHWRIGHT_MEMORY."
                .formatted(cause.getMessage()));
      }
    }
    return new Failure(1, false, "Unexpected failure: " + rootMessage(thrown));
  }

  /** This failure, telling where the stack trace is unless the user can do without. */
  Failure withLog(String file) {
    return exitCode == 1
        ? new Failure(exitCode, retryable, paragraph + "\nThe stack trace is in " + file)
        : this;
  }

  private static String rootMessage(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage() == null ? "" : ": " + firstLines(root.getMessage());
    return root.getClass().getSimpleName() + message;
  }

  private static String firstLines(String message) {
    String text = message.lines().limit(3).reduce((a, b) -> a + " " + b.strip()).orElse("");
    return text.length() > 600 ? text.substring(0, 600) + "..." : text;
  }
}
