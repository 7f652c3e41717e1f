package io.batchwright.jobs.run;

import java.util.Locale;

/** How far a run got. */
public enum RunStatus {
  RUNNING,
  DONE,
  FAILED,
  INTERRUPTED;

  /** As written in {@code run.json}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static RunStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
