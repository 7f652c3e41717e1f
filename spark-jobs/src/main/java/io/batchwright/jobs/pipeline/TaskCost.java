package io.batchwright.jobs.pipeline;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/** Counts what the tasks of a session cost while it is open. */
final class TaskCost extends SparkListener implements AutoCloseable {
  private static final long WAIT_MILLIS = 30_000;

  private final SparkSession spark;
  private double taskSeconds;
  private long shuffleBytes;

  TaskCost(SparkSession spark) {
    this.spark = spark;
    spark.sparkContext().addSparkListener(this);
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() != null) {
      taskSeconds += end.taskMetrics().executorRunTime() / 1e3;
      shuffleBytes += end.taskMetrics().shuffleWriteMetrics().bytesWritten();
    }
  }

  /** Seconds of all tasks so far, together. */
  double taskSeconds() {
    settle();
    synchronized (this) {
      return taskSeconds;
    }
  }

  /** Bytes that tasks wrote for others to read so far. */
  long shuffleBytes() {
    settle();
    synchronized (this) {
      return shuffleBytes;
    }
  }

  private void settle() {
    try {
      spark.sparkContext().listenerBus().waitUntilEmpty(WAIT_MILLIS);
    } catch (java.util.concurrent.TimeoutException late) {
      throw new IllegalStateException("Spark's events are " + WAIT_MILLIS + " ms late", late);
    }
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(this);
  }
}
