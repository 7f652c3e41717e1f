package io.batchwright.jobs.bench.dedup;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;

/** What the tasks of a session cost: processor time and bytes moved. */
final class SparkCosts extends SparkListener {
  private final AtomicLong cpuNanos = new AtomicLong();
  private final AtomicLong collectionMillis = new AtomicLong();
  private final AtomicLong shuffleBytes = new AtomicLong();
  private final AtomicLong spilledBytes = new AtomicLong();

  /** Measured costs: seconds of processor time, of garbage collection, bytes shuffled, spilled. */
  record Costs(double cpuSeconds, double collectionSeconds, long shuffled, long spilled) {}

  /** Work to be measured. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** The costs of all tasks that run while {@code work} does. */
  static Costs of(SparkSession spark, Work work) throws Exception {
    SparkCosts costs = new SparkCosts();
    spark.sparkContext().addSparkListener(costs);
    try {
      work.run();
      spark.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      spark.sparkContext().removeSparkListener(costs);
    }
    return new Costs(
        costs.cpuNanos.get() / 1e9,
        costs.collectionMillis.get() / 1e3,
        costs.shuffleBytes.get(),
        costs.spilledBytes.get());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    TaskMetrics metrics = end.taskMetrics();
    if (metrics != null) {
      cpuNanos.addAndGet(metrics.executorCpuTime());
      collectionMillis.addAndGet(metrics.jvmGCTime());
      shuffleBytes.addAndGet(metrics.shuffleWriteMetrics().bytesWritten());
      spilledBytes.addAndGet(metrics.diskBytesSpilled());
    }
  }
}
