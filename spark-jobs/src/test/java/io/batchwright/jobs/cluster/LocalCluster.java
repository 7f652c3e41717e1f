package io.batchwright.jobs.cluster;

import java.util.Map;

/**
 * Settings of a Spark session whose two executors are JVMs of their own: finds the closure, Kryo,
 * class-path and shared-path errors that {@code local[n]} hides. Takes about 10 s to start.
 */
final class LocalCluster {
  /** Two executors of one core and 1 GiB each. */
  static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("spark.master", "local-cluster[2,1,1024]"),
          Map.entry("spark.executor.memory", "1g"),
          Map.entry("spark.ui.enabled", "false"),
          Map.entry("spark.driver.host", "127.0.0.1"),
          Map.entry("spark.driver.bindAddress", "127.0.0.1"),
          Map.entry("spark.executorEnv.SPARK_TESTING", "1"),
          Map.entry("spark.executorEnv.SPARK_SCALA_VERSION", "2.13"),
          Map.entry("spark.executorEnv.SPARK_LOCAL_IP", "127.0.0.1"),
          Map.entry(
              "spark.executor.extraClassPath",
              System.getProperty(
                  "surefire.test.class.path", System.getProperty("java.class.path"))),
          Map.entry("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
          Map.entry("spark.sql.shuffle.partitions", "4"));

  private LocalCluster() {}
}
