package io.batchwright.kernel.cuda;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The one thread that talks to a device, in the order in which work was handed over. Launches are
 * posted and not waited for; what gives a result is asked for. After posted work has failed every
 * call fails, of whichever caller: nobody can say which results were never written. A call that is
 * asked for and fails, as for want of memory, concerns its caller alone.
 *
 * <p>Where graphs are wanted, launches are gathered into segments: one ends before any other work,
 * whoever hands that over, and when it is full. The first of a row are short, so that the device
 * starts early. Where it ends follows from what is handed over alone, so it repeats; launches that
 * wait while nobody hands over more are started without its end.
 */
final class GpuThread {
  // A segment is one of them, so the host may run up to MOST_LAUNCHES times as many launches ahead.
  // A step stays far below: it reads its norm, and what it writes goes through a ring of buffers.
  private static final int MOST_WAITING = 4096;
  private static final int FIRST_LAUNCHES = 8; // of a segment after other work, then twice as many
  private static final int MOST_LAUNCHES = 64;
  private static final Runnable NOTHING = () -> {};

  private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final LaunchGraphs graphs;
  private final long pauseNanos;
  private final Thread thread;
  private volatile Throwable failure; // the first, written by the thread

  private volatile boolean gathers; // the thread reads it to look after what is gathered
  private final ReentrantLock order = new ReentrantLock(); // of who hands over
  private Segment gathered = new Segment();
  private int most = FIRST_LAUNCHES;

  /**
   * Starts the thread; it runs until the process ends.
   *
   * @param pause how long launches that are gathered wait for more
   */
  GpuThread(String name, LaunchGraphs graphs, Duration pause) {
    this.graphs = graphs;
    this.pauseNanos = pause.toNanos();
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Whether launches are gathered from now on.
   *
   * @return whether they were until now
   */
  boolean gather(boolean wanted) {
    order.lock();
    try {
      boolean before = gathers;
      gathers = wanted;
      enqueue(NOTHING); // the thread may wait for work alone
      return before;
    } finally {
      order.unlock();
    }
  }

  /** Whether launches are gathered, as far as the driver does not refuse graphs. */
  boolean gathers() {
    return gathers;
  }

  /** Hands a launch over without waiting for it. */
  void launch(Launch launch) {
    throwEarlierFailure();
    order.lock();
    try {
      if (!gathers || graphs.refused()) {
        endSegment(); // what was gathered before a refusal
        put(recorded(() -> graphs.startSingly(List.of(launch))));
        return;
      }
      if (!gathered.waits()) {
        put(NOTHING); // the thread looks after it
      }
      gathered.add(launch);
      if (gathered.size() == most) {
        endSegment();
        most = Math.min(MOST_LAUNCHES, 2 * most);
      }
    } finally {
      order.unlock();
    }
  }

  private void endSegment() {
    if (gathered.size() > 0) {
      Segment segment = gathered;
      gathered = new Segment();
      put(
          recorded(
              () -> {
                if (segment.isWhole()) {
                  graphs.start(segment.begin());
                } else {
                  graphs.startSingly(segment.begin());
                }
              }));
    }
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
    enqueue(recorded(work));
  }

  private Runnable recorded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        failure = failure == null ? e : failure;
      }
    };
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

  /** Launches that were gathered go before any other work. */
  private void enqueue(Runnable work) {
    order.lock();
    try {
      endSegment();
      most = FIRST_LAUNCHES;
      put(work);
    } finally {
      order.unlock();
    }
  }

  private void put(Runnable work) {
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
        next().run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private Runnable next() throws InterruptedException {
    int before = 0;
    while (gathers) {
      Runnable work = waiting.poll(pauseNanos, TimeUnit.NANOSECONDS);
      if (work != null) {
        return work;
      }
      if (order.tryLock()) { // else somebody hands over, and may wait for room
        List<Launch> late;
        try {
          // Since poll found nothing, a caller may have ended that segment, handed over more and
          // begun another: it would be started before all that. Each of these puts something into
          // the queue, under the lock, and only this thread takes it out.
          if (!waiting.isEmpty()) {
            continue;
          }
          if (!gathered.waits()) {
            break;
          }
          int now = gathered.size();
          late = now == before ? gathered.begin() : List.of();
          before = now;
        } finally {
          order.unlock();
        }
        recorded(() -> graphs.startSingly(late)).run();
      }
    }
    return waiting.take();
  }
}
