package io.batchwright.kernel.cuda;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The one thread that talks to a device, in the order in which work was handed over. Launches are
 * posted and not waited for; what gives a result is asked for. A posted call that failed fails the
 * next one that is handed over.
 */
final class GpuThread {
  private static final int MOST_WAITING = 4096;

  private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread;

  /** Starts the thread; it runs until the process ends. */
  GpuThread(String name) {
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Hands work over without waiting for it. */
  void post(Runnable work) {
    throwEarlierFailure();
    release(work);
  }

  /**
   * Like {@link #post}, but leaves an earlier failure to the next call: what is given back is given
   * back whatever happened.
   */
  void release(Runnable work) {
    enqueue(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          }
        });
  }

  /** Hands work over and waits for its result. */
  <T> T ask(Supplier<T> work) {
    throwEarlierFailure();
    CompletableFuture<T> result = new CompletableFuture<>();
    enqueue(
        () -> {
          try {
            result.complete(work.get());
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    T value;
    try {
      value = result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CudaFailure("interrupted while waiting for the GPU", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
    throwEarlierFailure();
    return value;
  }

  private void enqueue(Runnable work) {
    boolean interrupted = false;
    while (true) {
      try {
        waiting.put(work);
        break;
      } catch (InterruptedException e) {
        interrupted = true; // the work is short; the caller sees the interrupt afterwards
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwEarlierFailure() {
    Throwable earlier = failure.getAndSet(null);
    if (earlier != null) {
      throw new CudaFailure("work on the GPU failed: " + earlier.getMessage(), earlier);
    }
  }

  private void run() {
    while (true) {
      try {
        waiting.take().run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
