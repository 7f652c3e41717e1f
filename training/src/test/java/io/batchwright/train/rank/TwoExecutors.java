package io.batchwright.train.rank;

import org.apache.spark.sql.SparkSession;

/** A session on two executors that are JVMs of their own, with one slot each. */
final class TwoExecutors {
  private TwoExecutors() {}

  static SparkSession.Builder named(String name) {
    return SparkSession.builder()
        .appName(name)
        .master("local-cluster[2,1,1024]")
        .config("spark.executor.memory", "1g")
        .config("spark.ui.enabled", "false")
        .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executorEnv.SPARK_TESTING", "1")
        .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
        .config("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1")
        .config(
            "spark.executor.extraClassPath",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
  }
}
