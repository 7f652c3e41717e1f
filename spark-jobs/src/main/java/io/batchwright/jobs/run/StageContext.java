package io.batchwright.jobs.run;

import io.batchwright.ui.Progress;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What a stage works with; valid until the stage ends. */
public final class StageContext {
  private final StageRunner runner;
  private final String stage;
  private final String fingerprint;
  private final Progress progress;

  StageContext(StageRunner runner, String stage, String fingerprint, Progress progress) {
    this.runner = runner;
    this.stage = stage;
    this.fingerprint = fingerprint;
    this.progress = progress;
  }

  /** The session. */
  public SparkSession spark() {
    return runner.spark();
  }

  /**
   * Writes {@code rows} to {@code DIR/tables/<table>} with a manifest written last, and returns the
   * committed table, read again; count that one.
   */
  public Dataset<Row> commit(String table, Dataset<Row> rows) {
    return runner.commit(table, stage, fingerprint, rows);
  }

  /** A table that this or an earlier stage committed. */
  public Dataset<Row> read(String table) {
    return runner.read(table);
  }

  /** Rows of a committed table, from its manifest. */
  public long rows(String table) {
    return runner.rows(table);
  }

  /** Where to say how far the stage is. */
  public Progress progress() {
    return progress;
  }

  /** The output folder of the run. */
  public Path dir() {
    return runner.dir();
  }

  /** This stage's fingerprint, upstream included: the identity of what it makes. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Names a file or folder, relative to {@link #dir()}, that the run leaves behind. */
  public void artifact(String name, String relativePath) {
    runner.artifact(name, relativePath);
  }
}
