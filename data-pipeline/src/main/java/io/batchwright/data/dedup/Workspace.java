package io.batchwright.data.dedup;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Intermediate tables kept in memory, and on disk where they do not fit, until it is closed. */
public final class Workspace implements AutoCloseable {
  private final Deque<Dataset<Row>> kept = new ArrayDeque<>();

  /** Keeps {@code table} once something has read it. */
  public Dataset<Row> keep(Dataset<Row> table) {
    Dataset<Row> stored = table.persist(StorageLevel.MEMORY_AND_DISK());
    kept.push(stored);
    return stored;
  }

  /** Forgets every table, newest first. */
  @Override
  public void close() {
    while (!kept.isEmpty()) {
      kept.pop().unpersist(false);
    }
  }
}
