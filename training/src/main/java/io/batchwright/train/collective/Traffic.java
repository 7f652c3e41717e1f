package io.batchwright.train.collective;

/** What one rank's transfers came to; they share it, and belong to one thread. */
final class Traffic {
  private long operationNanos;
  private long waitNanos;
  private long bytesSent;

  void operated(long nanos) {
    operationNanos += nanos;
  }

  void waited(long nanos) {
    waitNanos += nanos;
  }

  void sent(long bytes) {
    bytesSent += bytes;
  }

  double operationSeconds() {
    return operationNanos / 1e9;
  }

  double waitSeconds() {
    return waitNanos / 1e9;
  }

  long bytesSent() {
    return bytesSent;
  }
}
