package io.batchwright.ui;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One stage's line: a bar while it runs, then its result in figures. */
public final class StageDisplay implements Progress, AutoCloseable {
  private static final long REDRAW_MILLIS = 200;

  private final Console console;
  private final String label;
  private final long start = System.nanoTime();
  private final ScheduledExecutorService redrawing;
  private long total;
  private long done;
  private String unit = "";
  private String note = "";
  private int tasksDone;
  private int tasksTotal;
  private boolean ended;

  StageDisplay(Console console, boolean redraws, int number, int expected, String title) {
    this.console = console;
    this.label = (expected > 0 ? "%d/%d %s" : "%d %3$s").formatted(number, expected, title);
    this.redrawing =
        redraws ? Executors.newSingleThreadScheduledExecutor(StageDisplay::daemon) : null;
    if (redrawing != null) {
      var unused =
          redrawing.scheduleWithFixedDelay(
              () -> console.redraw(this), 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public synchronized void expect(long all, String what) {
    total = all;
    unit = what;
    done = 0;
  }

  @Override
  public synchronized void advance(long amount) {
    done += amount;
  }

  @Override
  public synchronized void reach(long soFar) {
    done = soFar;
  }

  @Override
  public synchronized void note(String text) {
    note = text;
  }

  /** States Spark's tasks of the jobs at work; shown while the stage itself counts nothing. */
  synchronized void tasks(int finished, int all) {
    tasksDone = finished;
    tasksTotal = all;
  }

  /** Replaces the bar by the result. */
  public void finished(String headline, double seconds) {
    end("%-18s %s  (%.1f s)".formatted(label, headline, seconds));
  }

  /** Replaces the bar by the result of an earlier attempt. */
  public void skipped(String headline) {
    end("%-18s %s  (done before, skipped)".formatted(label, headline));
  }

  /** Ends a stage that did not finish. */
  @Override
  public void close() {
    end(label + "  stopped");
  }

  synchronized String render() {
    double seconds = (System.nanoTime() - start) / 1e9;
    return total > 0
        ? ProgressBar.render(label, done, total, unit, seconds, note)
        : ProgressBar.render(label, tasksDone, tasksTotal, "tasks", seconds, note);
  }

  private void end(String result) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    if (redrawing != null) {
      redrawing.shutdownNow();
    }
    console.end(result);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "batchwright-progress");
    thread.setDaemon(true);
    return thread;
  }
}
