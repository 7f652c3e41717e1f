package io.batchwright.jobs;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.SparkSession;

/**
 * The session that tests of jobs run on; a job leaves a session that was there before it running.
 *
 * <p>Plans of a few rows cost more to compile than to run, so code generation and adaptive
 * execution are off. A class stops it at its end, since others start clusters of their own.
 */
public final class TestSession {
  private TestSession() {}

  /** Opens it, or returns the open one. */
  public static SparkSession open() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("tests of jobs")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.job.interruptOnCancel", "true")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.hadoop.fs.full.impl", FullDisk.class.getName())
        .getOrCreate();
  }

  /**
   * Waits until no task runs: those of a stage that failed go on for a moment, and may write to
   * folders that a test is about to remove.
   */
  public static void awaitTasks(SparkSession spark) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (Arrays.stream(spark.sparkContext().statusTracker().getExecutorInfos())
        .anyMatch(executor -> executor.numRunningTasks() > 0)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("tasks still run after a minute");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
