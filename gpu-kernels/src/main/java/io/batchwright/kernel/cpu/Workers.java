package io.batchwright.kernel.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that share the work of one call: the calling one and daemon threads of our own, each
 * with its {@link Scratch}.
 *
 * <p>Work is cut into parts that do not depend on each other, so who does which, and how many
 * threads there are, changes nothing in the results (docs/decisions/0021). Each thread begins with
 * neighbouring parts of its own, the same ones for the same number, and then takes those of others:
 * one that the machine holds up is not waited for longer than one part takes. Where work is small,
 * or asked for by a part, or by a second thread at the same time, the calling thread does it alone.
 */
final class Workers implements AutoCloseable {
  /** Elements that are worth a part, unless said otherwise: a few microseconds of loops. */
  private static final int LEAST = 1 << 14;

  /** Floats of a cache line. */
  private static final int LINE = 16;

  /** Parts for each thread, at most. */
  private static final int PARTS_EACH = 4;

  /** How long a thread without work looks for some before it sleeps. */
  private static final long SPIN_NANOS = 100_000;

  private static final int SPINS_PER_LOOK_AT_THE_CLOCK = 32;

  /** Looks of the calling thread for the last part's end before it offers its core. */
  private static final int SPINS_AT_THE_END = 2_000;

  private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);
  private final Thread[] others;
  private final int least;
  private final AtomicIntegerArray asleep;
  private final AtomicBoolean busy = new AtomicBoolean();
  private long jobs; // guarded by busy
  private volatile Job current;
  private volatile boolean closed;

  /** One part of a call's work. */
  interface Part {
    void on(int index);
  }

  /** Work on all that is counted from {@code from} to before {@code to}. */
  interface Span {
    void on(long from, long to);
  }

  /**
   * So many threads with the one that calls.
   *
   * @throws IllegalArgumentException if {@code threads < 1}
   */
  Workers(int threads) {
    this(threads, LEAST);
  }

  /**
   * The same for other sizes of parts.
   *
   * @param least elements that are worth a part, at least 1
   */
  Workers(int threads, int least) {
    this.least = least;
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + threads);
    }
    others = new Thread[threads - 1];
    asleep = new AtomicIntegerArray(threads);
    for (int i = 0; i < others.length; i++) {
      int index = i + 1;
      others[i] = new Thread(() -> serve(index), "batchwright-cpu-" + index);
      others[i].setDaemon(true);
    }
    try {
      for (Thread thread : others) {
        thread.start();
      }
    } catch (Throwable e) {
      close(); // the system gives no more threads: those that there are end
      throw e;
    }
  }

  /** How many threads share work. */
  int threads() {
    return others.length + 1;
  }

  /** Elements that are worth a part, where each takes little more than to be read. */
  int least() {
    return least;
  }

  /** The working arrays of the thread that asks. */
  Scratch scratch() {
    return scratches.get();
  }

  /** Elements one behind the other, cut where tiles end. */
  void elements(long count, Span work) {
    spans(count, Scratch.TILE, 1, PARTS_EACH * threads(), work);
  }

  /** Rows of this many elements of work each. */
  void rows(long count, long width, Span work) {
    spans(count, 1, width, PARTS_EACH * threads(), work);
  }

  /** Rows of which {@code together} in a row stay together. */
  void rows(long count, long together, long width, Span work) {
    spans(count, together, width, PARTS_EACH * threads(), work);
  }

  /** Columns of this many elements each, which lie apart: few wide parts, cut between lines. */
  void columns(long count, long height, Span work) {
    spans(count, LINE, height, threads(), work);
  }

  /**
   * Cuts what is counted into parts.
   *
   * @param together how many stay together
   * @param weight elements of work that each is
   */
  private void spans(long count, long together, long weight, int most, Span work) {
    if (others.length == 0) {
      work.on(0, count);
      return;
    }
    long groups = (count + together - 1) / together;
    long worth = Math.multiplyHigh(count, weight) == 0 ? count * weight / least : most;
    int parts = (int) Math.min(most, Math.min(groups, worth < 0 ? most : worth));
    if (parts <= 1) {
      work.on(0, count);
      return;
    }
    parts(
        parts,
        i ->
            work.on(
                groups * i / parts * together,
                Math.min(count, groups * (i + 1) / parts * together)));
  }

  /**
   * Does all parts, and throws what one of them threw: of several, what the first of them did.
   *
   * @param work is called for each number from 0 to before {@code count}, by any thread
   */
  void parts(int count, Part work) {
    if (count <= 1 || others.length == 0 || closed || !busy.compareAndSet(false, true)) {
      for (int i = 0; i < count; i++) {
        work.on(i);
      }
      return;
    }
    Job job = new Job(++jobs, count, work, threads());
    try {
      current = job;
      for (int i = 0; i < others.length; i++) {
        if (asleep.get(i + 1) != 0) {
          LockSupport.unpark(others[i]);
        }
      }
      try {
        job.help(0);
      } finally {
        job.awaitEnd(); // others may be at work on our arrays
      }
    } finally {
      current = null;
      busy.set(false);
    }
    job.throwFailure();
  }

  private void serve(int index) {
    long done = 0; // a number: a job holds on to tensors
    while (!closed) {
      Job job = next(done, index);
      if (job != null) {
        job.help(index);
        done = job.number;
      }
    }
  }

  /** Waits for work that is not {@code done}; null at the end. */
  private Job next(long done, int index) {
    long start = System.nanoTime();
    do {
      for (int i = 0; i < SPINS_PER_LOOK_AT_THE_CLOCK; i++) {
        Job job = current;
        if (job != null && job.number != done) {
          return job;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < SPIN_NANOS && !closed);
    asleep.set(index, 1); // before the last look: who publishes after it sees this
    try {
      while (!closed) {
        Job job = current;
        if (job != null && job.number != done) {
          return job;
        }
        LockSupport.park(this);
        Thread.interrupted(); // nobody has a reason to; with the flag set it would not sleep
      }
      return null;
    } finally {
      asleep.set(index, 0);
    }
  }

  /** Ends the threads; what comes later is done by its caller alone. */
  @Override
  public void close() {
    closed = true;
    for (Thread thread : others) {
      LockSupport.unpark(thread);
    }
    boolean interrupted = false;
    for (Thread thread : others) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // they end by themselves
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    scratches.remove();
  }

  /** What one call asks for; a thread that comes too late finds nothing left and goes. */
  private static final class Job {
    private final long number;
    private final int count;
    private final Part work;
    private final int share;
    private final AtomicIntegerArray taken;
    private final AtomicInteger left;
    private volatile int failed = Integer.MAX_VALUE;
    private Throwable failure;

    Job(long number, int count, Part work, int threads) {
      this.number = number;
      this.count = count;
      this.work = work;
      this.share = (count + threads - 1) / threads;
      this.taken = new AtomicIntegerArray(threads);
      this.left = new AtomicInteger(count);
    }

    /** Parts of this thread's own share, then of the others'. */
    void help(int thread) {
      int threads = taken.length();
      for (int i = 0; i < threads; i++) {
        int owner = (thread + i) % threads;
        int from = owner * share;
        int size = Math.min(share, count - from);
        while (taken.get(owner) < size) {
          int at = taken.getAndIncrement(owner);
          if (at < size) {
            try {
              run(from + at);
            } finally {
              left.decrementAndGet();
            }
          }
        }
      }
    }

    private void run(int part) {
      try {
        if (part < failed) { // those before it run: which failure is thrown is no matter of timing
          work.on(part);
        }
      } catch (Throwable e) {
        fail(part, e);
      }
    }

    private synchronized void fail(int part, Throwable e) {
      if (part < failed) {
        failure = e;
        failed = part;
      }
    }

    void awaitEnd() {
      for (int i = 0; left.get() > 0; i++) {
        if (i < SPINS_AT_THE_END) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }

    synchronized void throwFailure() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException exception) {
        throw exception;
      }
      if (failure != null) {
        throw new IllegalStateException("a part of the work failed", failure);
      }
    }
  }
}
