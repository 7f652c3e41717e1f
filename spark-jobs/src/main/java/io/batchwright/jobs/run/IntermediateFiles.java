package io.batchwright.jobs.run;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/**
 * Where a run on a cluster keeps intermediate tables: on the shared file system beside its output,
 * since what lies on an executor is lost with it. Spark's checkpoint directory; removed at the end,
 * and at the start of the next attempt where a process was killed.
 */
final class IntermediateFiles {
  static final String FOLDER = "intermediate";

  private final Path folder;
  private final Configuration hadoop;
  private SparkContext user;

  IntermediateFiles(Path dir, Configuration hadoop) {
    this.folder = new Path(dir, FOLDER);
    this.hadoop = hadoop;
  }

  /**
   * Makes {@code context} checkpoint here, unless its user chose another place ({@code
   * spark.checkpoint.dir}) or there is one process only, which needs no files to outlive.
   */
  void useIn(SparkContext context) {
    if (!context.isLocal() && context.getCheckpointDir().isEmpty()) {
      delete();
      context.setCheckpointDir(folder.toString());
      user = context;
    }
  }

  /** Removes the files; a session that goes on after the run checkpoints elsewhere again. */
  void delete() {
    if (user != null && !user.isStopped()) {
      user.setCheckpointDir(null);
    }
    try {
      folder.getFileSystem(hadoop).delete(folder, true);
    } catch (IOException e) {
      throw FileFailure.of(e, "remove " + folder);
    }
  }
}
