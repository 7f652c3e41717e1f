package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Intermediate tables, computed once and held until it is closed.
 *
 * <p>They are checkpoints, because plans that only cache their parts grow exponentially with each
 * reuse: in the session's checkpoint directory where one is set (then a lost executor costs
 * nothing), else on the executors' memory and disks (then a lost executor fails the stage, and the
 * run is to be resumed).
 */
public final class Workspace implements AutoCloseable {
  private final List<Dataset<Row>> kept = new ArrayList<>();

  /** Computes {@code table} now, and returns it as a table without a past. */
  public Dataset<Row> keep(Dataset<Row> table) {
    boolean durable = table.sparkSession().sparkContext().getCheckpointDir().isDefined();
    Dataset<Row> stored = durable ? table.checkpoint() : table.localCheckpoint();
    kept.add(stored);
    return stored;
  }

  /**
   * Computes {@code table} now, as {@link #keep} does, and counts its rows in the same job where
   * the checkpoint is local.
   */
  Counted count(Dataset<Row> table) {
    boolean durable = table.sparkSession().sparkContext().getCheckpointDir().isDefined();
    Dataset<Row> stored = durable ? table.checkpoint() : table.localCheckpoint(false);
    kept.add(stored);
    return new Counted(stored, stored.queryExecution().toRdd().count());
  }

  /** A kept table and the number of its rows. */
  record Counted(Dataset<Row> table, long rows) {}

  /** Lets go of a kept table that nothing will read again. */
  void release(Dataset<Row> table) {
    kept.removeIf(held -> held == table);
  }

  /** Lets go of every table; Spark frees the storage of tables that nothing refers to. */
  @Override
  public void close() {
    kept.clear();
  }
}
