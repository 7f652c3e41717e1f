package io.batchwright.train.collective;

import java.util.concurrent.atomic.LongAdder;

/** What one rank's transfers in a group came to; any thread may read it. */
final class Traffic {
  private final LongAdder operationNanos = new LongAdder();
  private final LongAdder waitNanos = new LongAdder();
  private final LongAdder bytesSent = new LongAdder();

  void operated(long nanos) {
    operationNanos.add(nanos);
  }

  void waited(long nanos) {
    waitNanos.add(nanos);
  }

  void sent(long bytes) {
    bytesSent.add(bytes);
  }

  double operationSeconds() {
    return operationNanos.sum() / 1e9;
  }

  double waitSeconds() {
    return waitNanos.sum() / 1e9;
  }

  long bytesSent() {
    return bytesSent.sum();
  }
}
