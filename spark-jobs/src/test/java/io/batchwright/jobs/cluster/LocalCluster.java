package io.batchwright.jobs.cluster;

import org.apache.spark.sql.SparkSession;

/**
 * A Spark session whose two executors are JVMs of their own: finds the closure, Kryo, class-path
 * and shared-path errors that {@code local[n]} hides. Takes about 10 s to start.
 */
final class LocalCluster {
  private LocalCluster() {}

  /** Starts two executors of one core and 1 GiB each. */
  static SparkSession start(String name) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return SparkSession.builder()
        .appName(name)
        .master("local-cluster[2,1,1024]")
        .config("spark.executor.memory", "1g")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executorEnv.SPARK_TESTING", "1")
        .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
        .config("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1")
        .config("spark.executor.extraClassPath", classPath)
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.job.interruptOnCancel", "true")
        .getOrCreate();
  }
}
