package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Where a search changes from what is quickest for few rows to what works for any number.
 *
 * @param rosterRows the most documents whose fingerprints the driver holds, about 600 bytes each
 *     and 24 a band, 1,000 with 16 bands
 * @param broadcastRows the most rows of a narrow table that go to every executor as they are, and
 *     the most removals that the driver names, about 2,000 bytes each
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
  /**
   * For a driver of 5 GB or more: 400 MB of fingerprints on it; 64 MB of shingles a task; 1 GiB
   * outside the heap of one task, once.
   */
  public static final Sizes DEFAULTS = new Sizes(400_000, 500_000, 1_000_000, 8L << 20, 1L << 28);

  /** Of the driver's heap: one part in five for any one table. */
  private static final int PART_OF_HEAP = 5;

  private static final int BYTES_OF_A_FINGERPRINT = 1_000;
  private static final int BYTES_OF_A_DECISION = 2_000;
  private static final int BYTES_OF_AN_EDGE = 600;

  /** What fits into the heap of this process, which is the driver's; at most {@link #DEFAULTS}. */
  public static Sizes ofThisHeap() {
    return ofHeap(Runtime.getRuntime().maxMemory());
  }

  /**
   * {@link #DEFAULTS} as far as they fit into a driver's heap: 200,000 fingerprints, 100,000 rows
   * of a table of decisions and 350,000 links at 1 GB, where Spark has its own needs beside.
   *
   * @param bytes the size of the heap
   */
  static Sizes ofHeap(long bytes) {
    long part = bytes / PART_OF_HEAP;
    return new Sizes(
        Math.min(DEFAULTS.rosterRows, part / BYTES_OF_A_FINGERPRINT),
        Math.min(DEFAULTS.broadcastRows, part / BYTES_OF_A_DECISION),
        Math.min(DEFAULTS.driverEdges, part / BYTES_OF_AN_EDGE),
        DEFAULTS.componentShingles,
        DEFAULTS.forestDocuments);
  }

  /**
   * The limits of a sample that is to go the ways of the whole: these times {@code share}, but for
   * what one task does.
   */
  public Sizes ofSample(double share) {
    return new Sizes(
        (long) (rosterRows * share),
        (long) (broadcastRows * share),
        (long) (driverEdges * share),
        componentShingles,
        forestDocuments);
  }

  /** The most shingles that the driver compares itself: 32 MB where a task may hold 64. */
  long driverShingles() {
    return componentShingles / 2;
  }

  /** {@code table}, sent to every executor where its {@code rows} are few. */
  public Dataset<Row> small(Dataset<Row> table, long rows) {
    return rows <= broadcastRows ? broadcast(table) : table;
  }
}
