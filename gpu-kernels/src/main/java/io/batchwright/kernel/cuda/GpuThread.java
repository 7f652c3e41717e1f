package io.batchwright.kernel.cuda;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The one thread that talks to a device, in the order in which work was handed over. Launches are
 * posted and not waited for; what gives a result is asked for. After posted work has failed every
 * call fails, of whichever caller: nobody can say which results were never written. A call that is
 * asked for and fails, as for want of memory, concerns its caller alone.
 */
final class GpuThread {
  private static final int MOST_WAITING = 4096;

  private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private volatile Throwable failure; // the first, written by the thread

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
   * Like {@link #post}, but says nothing of an earlier failure: what is given back is given back
   * whatever happened.
   */
  void release(Runnable work) {
    enqueue(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            failure = failure == null ? e : failure;
          }
        });
  }

  /**
   * Hands work over and waits for its result. An interrupt does not end the wait, or what the work
   * takes would have no owner; the caller sees it afterwards.
   */
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
      value = result.join();
    } catch (CompletionException e) {
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
    Throwable earlier = failure;
    if (earlier != null) {
      throw new CudaFailure(
          "work on the GPU failed: "
              + earlier.getMessage()
              + "; results may be missing, so this process uses the device no more",
          earlier);
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
