package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.security.AccessControlException;

/** Turns failures of a file system into one sentence that says what to do. */
final class FileFailure {
  private FileFailure() {}

  /** What stopped us from doing {@code what}, such as {@code write /data/out/run.json}. */
  static BatchwrightException of(IOException failure, String what) {
    return recognise(failure)
        .map(reason -> BatchwrightException.resources("Cannot " + what + ": " + reason, failure))
        .orElseGet(
            () ->
                BatchwrightException.resources(
                    "Cannot " + what + ": " + failure.getMessage(), failure));
  }

  /** The sentence for a missing disk or permission anywhere in a chain of causes, or empty. */
  static Optional<String> recognise(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      String lower = message.toLowerCase(Locale.ROOT);
      if (lower.contains("no space left on device")
          || lower.contains("disk quota exceeded")
          || lower.contains("could only be written to 0 of")) {
        return Optional.of("no space left on the disk. Free some, or choose another --out.");
      }
      if (cause instanceof AccessDeniedException
          || cause instanceof AccessControlException
          || lower.contains("permission denied")
          || lower.contains("(read-only file system)")
          || lower.contains("mkdirs failed to create")) {
        return Optional.of(
            "no write permission (" + message + "). Choose another --out or ask for access.");
      }
    }
    return Optional.empty();
  }
}
