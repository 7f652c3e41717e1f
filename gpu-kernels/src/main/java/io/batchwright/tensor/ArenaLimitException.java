package io.batchwright.tensor;

/**
 * An arena was asked for more memory than its limit or the device leaves; the message says how
 * much, for what, and which arena holds most. Nothing was taken: all arenas work on.
 */
public final class ArenaLimitException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  ArenaLimitException(String message) {
    super(message);
  }

  /** Memory of a device that is used up; it works on. */
  public ArenaLimitException(String message, Throwable cause) {
    super(message, cause);
  }
}
