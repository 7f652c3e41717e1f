package io.batchwright.data.failure;

/**
 * A failure that the user can act on: one readable paragraph and the exit code of the process.
 *
 * <p>Exit codes: 2 usage or configuration, 3 data, 4 resources. Broken invariants are not this;
 * they stay {@link IllegalStateException} and end with 1.
 */
public final class BatchwrightException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final boolean retryable;

  private BatchwrightException(int exitCode, boolean retryable, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.retryable = retryable;
  }

  /** A mistake in a command line or a recipe. */
  public static BatchwrightException usage(String message) {
    return new BatchwrightException(2, false, message, null);
  }

  /** Data that cannot be used: too much of it in quarantine, or a ledger that does not balance. */
  public static BatchwrightException data(String message) {
    return new BatchwrightException(3, false, message, null);
  }

  /** Data that cannot be used, with the failure that showed it. */
  public static BatchwrightException data(String message, Throwable cause) {
    return new BatchwrightException(3, false, message, cause);
  }

  /**
   * Slots, GPU, memory, disk or permission missing; the same run may succeed elsewhere or later.
   */
  public static BatchwrightException resources(String message) {
    return new BatchwrightException(4, true, message, null);
  }

  /** Slots, GPU, memory, disk or permission missing, with the failure that showed it. */
  public static BatchwrightException resources(String message, Throwable cause) {
    return new BatchwrightException(4, true, message, cause);
  }

  /** The exit code that the launcher returns. */
  public int exitCode() {
    return exitCode;
  }

  /** Whether running the same command again can succeed. */
  public boolean retryable() {
    return retryable;
  }
}
