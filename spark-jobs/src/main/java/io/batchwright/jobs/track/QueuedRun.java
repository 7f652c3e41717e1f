package io.batchwright.jobs.track;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tracker on a thread of its own, behind a queue: a slow one falls behind, a failing one is
 * given up with one warning, and neither is waited for.
 */
final class QueuedRun {
  static final int CAPACITY = 10_000;
  private static final int AT_ONCE = 500;
  private static final long POLL_MILLIS = 100;
  private static final String BUSY = "it was still busy when training had ended";
  private static final Logger LOG = LoggerFactory.getLogger(QueuedRun.class);

  private final Tracker tracker;
  private final TrainingFacts facts;
  private final BlockingQueue<TrackedStep> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final Thread thread;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicReference<String> problem = new AtomicReference<>("");
  private volatile Optional<String> failure = Optional.empty();
  private volatile boolean ended;

  QueuedRun(Tracker tracker, TrainingFacts facts) {
    this.tracker = tracker;
    this.facts = facts;
    this.thread = new Thread(this::run, "batchwright-" + name());
    thread.setDaemon(true);
    thread.start();
  }

  private String name() {
    return tracker.getClass().getSimpleName();
  }

  /** Passes a step on; one that finds the queue full is lost. */
  void step(TrackedStep step) {
    if (!queue.offer(step)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    Optional<TrackedRun> opened = Optional.empty();
    try {
      opened = tracker.open(facts);
      if (opened.isPresent()) {
        track(opened.get());
      }
    } catch (InterruptedException e) {
      giveUp(BUSY);
    } catch (IOException | RuntimeException | LinkageError e) {
      giveUp(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    try {
      if (opened.isPresent()) {
        opened.get().end(failure);
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      giveUp(String.valueOf(e.getMessage()));
    }
  }

  /** The first reason counts, and is said at once. */
  private void giveUp(String why) {
    if (problem.compareAndSet("", "%s was given up: %s".formatted(name(), why))) {
      LOG.warn("{}. Training goes on.", problem.get());
    }
  }

  private void track(TrackedRun run) throws IOException, InterruptedException {
    List<TrackedStep> steps = new ArrayList<>();
    while (!ended || !queue.isEmpty()) {
      TrackedStep first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        steps.add(first);
        queue.drainTo(steps, AT_ONCE - 1);
        run.steps(steps);
        steps = new ArrayList<>();
      }
    }
  }

  /** Says that training is over; {@link #join} waits for the tracker. */
  void end(Optional<String> reason) {
    failure = reason;
    ended = true;
  }

  /**
   * Waits until the tracker has shown what it has, but no longer than {@code patience}.
   *
   * @return what went wrong, one sentence, or nothing
   */
  Optional<String> join(Duration patience) {
    try {
      thread.join(Math.max(1, patience.toMillis()));
      if (thread.isAlive()) {
        thread.interrupt();
        giveUp(BUSY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (problem.get().isEmpty() && lost.get() > 0) {
      problem.set("%s was too slow, %,d steps are missing there".formatted(name(), lost.get()));
      LOG.warn("{}.", problem.get());
    }
    return Optional.of(problem.get()).filter(sentence -> !sentence.isEmpty());
  }
}
