package io.batchwright.jobs.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;

/**
 * Ends its driver, as SIGKILL would, at the first Spark job after a file has come to be: no hook
 * runs and nothing is flushed. Given to a session by {@code spark.extraListeners}.
 */
public final class CommitKiller extends SparkListener {
  /** The setting that names the file. */
  static final String FILE = "spark.batchwright.test.endsAfter";

  static final int EXIT_CODE = 137;

  private final Path file;

  /** Spark calls this with the settings of its session. */
  public CommitKiller(SparkConf conf) {
    file = Path.of(conf.get(FILE));
  }

  @Override
  public void onJobStart(SparkListenerJobStart start) {
    if (Files.exists(file)) {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
