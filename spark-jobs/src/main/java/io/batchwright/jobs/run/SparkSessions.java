package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/** Opens sessions with the settings that Batchwright's jobs need. */
public final class SparkSessions {
  private SparkSessions() {}

  /**
   * The session of a job: what spark-submit and the user set holds; what neither set gets the
   * values of {@link #settings}.
   *
   * @throws BatchwrightException with exit code 4 where Spark or Java is of an unsupported version
   */
  public static SparkSession open(String name, RunSettings run) {
    SparkVersion.require();
    SparkConf conf = conf(run, run.master());
    conf.setIfMissing("spark.app.name", "batchwright " + name);
    NativeFolder.of(conf).ifPresent(NativeFolder::useInThisProcess);
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Every setting that a session of {@code run} on {@code master} would have. */
  public static Map<String, String> effective(RunSettings run, String master) {
    Map<String, String> effective = new TreeMap<>();
    for (Tuple2<String, String> setting : conf(run, master).getAll()) {
      effective.put(setting._1(), setting._2());
    }
    return effective;
  }

  private static SparkConf conf(RunSettings run, String master) {
    SparkConf conf = new SparkConf(true);
    run.spark().forEach(conf::set);
    if (!master.isEmpty()) {
      conf.setMaster(master);
    }
    if (conf.get("spark.master", "").equals("local[*]")) {
      // What spark-submit says where nobody said anything; on one core it cannot run two ranks.
      conf.remove("spark.master");
    }
    settings(conf.get("spark.master", "")).forEach(conf::setIfMissing);
    NativeFolder.of(conf).ifPresent(folder -> folder.giveToExecutors(conf));
    return conf;
  }

  /** What a job sets unless the user did, for a session on {@code master} (empty: local). */
  static Map<String, String> settings(String master) {
    Map<String, String> settings = new TreeMap<>();
    int cores = Math.max(2, Runtime.getRuntime().availableProcessors());
    if (master.isEmpty() || master.startsWith("local")) {
      settings.put("spark.master", "local[" + cores + "]");
      settings.put("spark.driver.host", "127.0.0.1");
      settings.put("spark.driver.bindAddress", "127.0.0.1");
      settings.put("spark.sql.shuffle.partitions", Integer.toString(Math.max(4, 2 * cores)));
      settings.put("spark.ui.showConsoleProgress", "false");
      settings.put("spark.sql.files.maxPartitionBytes", "32m");
    }
    // A peer blocked in I/O would make the retry of a barrier stage hang for ever.
    settings.put("spark.job.interruptOnCancel", "true");
    // Live progress travels on heartbeats, and a lost executor is noticed at this pace.
    settings.put("spark.executor.heartbeatInterval", "2s");
    // How often Spark looks for executors that were silent for spark.network.timeout; 60 s else.
    settings.put("spark.network.timeoutInterval", "10s");
    settings.put("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s");
    settings.put("spark.port.maxRetries", "64");
    // Intermediate tables on the shared file system go as soon as nothing refers to them.
    settings.put("spark.cleaner.referenceTracking.cleanCheckpoints", "true");
    settings.put("spark.sql.adaptive.enabled", "true");
    settings.put("spark.sql.session.timeZone", "UTC");
    return settings;
  }

  /** The Hadoop configuration that a session of {@code run} would have. */
  public static Configuration hadoop(RunSettings run) {
    SparkConf conf = new SparkConf(true);
    run.spark().forEach(conf::set);
    return org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(conf);
  }
}
