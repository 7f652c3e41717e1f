package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Where a search changes from what is quickest for few rows to what works for any number.
 *
 * @param rosterRows the most documents whose fingerprints the driver holds, about 600 bytes each
 *     and 24 a band
 * @param broadcastRows the most rows of a narrow table that go to every executor as they are
 * @param driverEdges the most links whose components are found on the driver
 * @param componentShingles the most shingles, repeats included, of a component of candidates that
 *     one task resolves in memory, 8 bytes each
 * @param forestDocuments the most documents whose components one task finds in memory outside the
 *     heap, 4 bytes each
 */
public record Sizes(
    long rosterRows,
    long broadcastRows,
    long driverEdges,
    long componentShingles,
    long forestDocuments) {
  /** 400 MB on the driver; 64 MB of shingles a task; 1 GiB outside the heap of one task, once. */
  public static final Sizes DEFAULTS = new Sizes(400_000, 500_000, 1_000_000, 8L << 20, 1L << 28);

  /** {@code table}, sent to every executor where its {@code rows} are few. */
  public Dataset<Row> small(Dataset<Row> table, long rows) {
    return rows <= broadcastRows ? broadcast(table) : table;
  }
}
