package io.batchwright.jobs.run;

import io.batchwright.ui.Progress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What a stage works with; valid until the stage ends. */
public final class StageContext {
  private static final int CONCURRENT_COMMITS = 3;

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

  /**
   * Commits several tables at once, so that their small jobs overlap; returns them by name. None
   * may read another one's uncommitted rows.
   */
  public Map<String, Dataset<Row>> commitAll(Map<String, Dataset<Row>> tables) {
    ExecutorService threads = Executors.newFixedThreadPool(CONCURRENT_COMMITS);
    try {
      Map<String, Future<Dataset<Row>>> running = new LinkedHashMap<>();
      tables.forEach((name, rows) -> running.put(name, threads.submit(() -> commit(name, rows))));
      Map<String, Dataset<Row>> committed = new LinkedHashMap<>();
      for (Map.Entry<String, Future<Dataset<Row>>> table : running.entrySet()) {
        committed.put(table.getKey(), table.getValue().get());
      }
      return committed;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("committing " + tables.keySet() + " failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("committing " + tables.keySet() + " was interrupted", e);
    } finally {
      threads.shutdownNow();
    }
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
