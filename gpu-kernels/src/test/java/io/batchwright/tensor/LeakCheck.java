package io.batchwright.tensor;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which arenas hold more bytes than before. JUnit finds it by
 * META-INF/services and puts it around every class of a module whose tests see it: what a test has
 * not given back is still taken when its class is over.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeakCheck.class);
  private static final String BEFORE = "bytes before";

  /** For what threads that a test has told to end still hold. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(BEFORE, ArenaLedger.reservedBytes());
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    long before = context.getStore(NAMESPACE).get(BEFORE, Long.class);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (ArenaLedger.reservedBytes() > before && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    long left = ArenaLedger.reservedBytes() - before;
    if (left > 0) {
      throw new AssertionError(
          "%s has left %,d bytes taken: %s"
              .formatted(context.getDisplayName(), left, ArenaLedger.largest()));
    }
  }
}
