package io.batchwright.tensor;

/**
 * An arena was asked for more memory than its limit leaves; the message says how much and for what.
 */
public final class ArenaLimitException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  ArenaLimitException(String message) {
    super(message);
  }
}
