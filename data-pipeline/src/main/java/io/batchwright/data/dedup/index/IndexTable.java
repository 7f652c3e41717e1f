package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * The Delta table of an index, {@code DIR/entries}, partitioned by snapshot.
 *
 * <p><b>One commit at a time.</b> Every commit replaces the head's partition and carries the Delta
 * transaction id ({@value #TRANSACTION}, generation). Delta skips a transaction whose version it
 * has seen, and lets only one of two that run at the same time through; so a commit succeeds only
 * if no other one came since the head was read, which {@link #commit} checks by reading the head
 * again. Nothing else may write to the table.
 */
final class IndexTable {
  static final String TRANSACTION = "batchwright-dedup-index";
  private static final long ROWS_OF_A_FILE = 500_000;

  private final SparkSession spark;
  private final String folder;
  private final Path table;

  IndexTable(SparkSession spark, String folder) {
    this.spark = spark;
    this.folder = folder;
    this.table = new Path(folder, "entries");
    // A session from outside need not have Delta's SQL extension: tables are named by their paths.
    unlessSet("spark.databricks.delta.requiredSparkConfsCheck.enabled", "false");
    // Whole partitions are replaced; the other way needs the SQL extension.
    unlessSet("spark.databricks.delta.replaceWhere.dataColumns.enabled", "false");
    // The log of an index is short; 50 tasks for each look at it would cost seconds.
    unlessSet("spark.databricks.delta.snapshotPartitions", "4");
  }

  private void unlessSet(String key, String value) {
    if (!spark.conf().contains(key)) {
      spark.conf().set(key, value);
    }
  }

  String folder() {
    return folder;
  }

  Path path() {
    return table;
  }

  SparkSession spark() {
    return spark;
  }

  /** The head, or empty where no index stands. */
  Optional<IndexHead> head() {
    if (!exists()) {
      return Optional.empty();
    }
    List<Row> found;
    try {
      found =
          rows().where(col("snapshot").equalTo(IndexEntries.HEAD)).select("detail").takeAsList(2);
    } catch (Exception e) {
      throw damaged(e);
    }
    if (found.size() != 1 || found.get(0).isNullAt(0)) {
      throw damaged(null);
    }
    return Optional.of(IndexHead.read(found.get(0).getString(0), folder));
  }

  private BatchwrightException damaged(Exception cause) {
    return BatchwrightException.data(
        "%s is damaged or is no deduplication index: %s holds no readable head. Restore the folder, or give another --index."
            .formatted(folder, table),
        cause);
  }

  private boolean exists() {
    try {
      FileSystem files = table.getFileSystem(spark.sessionState().newHadoopConf());
      Path log = new Path(table, "_delta_log");
      if (files.exists(log)) {
        // Without a commit this is what a first run left that was stopped.
        return Arrays.stream(files.listStatus(log))
            .anyMatch(file -> file.getPath().getName().endsWith(".json"));
      }
      Path dir = new Path(folder);
      if (!files.exists(dir)) {
        return false;
      }
      if (!files.getFileStatus(dir).isDirectory()) {
        throw BatchwrightException.usage(folder + " is a file; --index must be a folder.");
      }
      FileStatus[] there = files.listStatus(dir);
      if (there.length > 0) {
        throw BatchwrightException.data(
            "%s is not empty, but holds no deduplication index (entries/_delta_log is missing)."
                .formatted(folder));
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All rows as of now. */
  Dataset<Row> rows() throws IOException {
    return spark.read().format("delta").load(table.toString());
  }

  /** The entries of all snapshots as they are, read as one table by several plans. */
  Dataset<Row> entries() {
    return versions().where(not(col("snapshot").startsWith(IndexEntries.ASIDE)));
  }

  /** The entries of all snapshots, and of the versions that late corrections replaced. */
  Dataset<Row> versions() {
    try {
      return rows().where(col("snapshot").notEqual(IndexEntries.HEAD));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The entries of one partition. */
  Dataset<Row> partition(String name) {
    return versions().where(col("snapshot").equalTo(name));
  }

  /**
   * Replaces the partitions {@code replaced} by {@code entries} and the head by {@code next}.
   *
   * @param count rows of {@code entries}, for the number of files
   * @return false where another commit came first, and nothing was changed
   */
  boolean commit(IndexHead next, List<String> replaced, Dataset<Row> entries, long count) {
    int files = (int) Math.max(1, Math.min(10_000, count / ROWS_OF_A_FILE));
    Dataset<Row> sorted =
        entries
            .repartitionByRange(files, col("snapshot"), col("number"), col("doc_id"))
            .sortWithinPartitions("snapshot", "number", "doc_id");
    Row head =
        RowFactory.create(
            IndexEntries.HEAD,
            "head",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            next.toJson());
    Dataset<Row> all =
        sorted.unionByName(spark.createDataFrame(List.of(head), IndexEntries.SCHEMA).coalesce(1));
    DataFrameWriter<Row> writer =
        all.write()
            .format("delta")
            .partitionBy("snapshot")
            .option("txnAppId", TRANSACTION)
            .option("txnVersion", next.generation());
    TreeSet<String> partitions = new TreeSet<>(replaced);
    partitions.add(IndexEntries.HEAD);
    try {
      if (next.generation() == 1) {
        writer.mode(SaveMode.ErrorIfExists).save(table.toString());
      } else {
        writer
            .mode(SaveMode.Overwrite)
            .option(
                "replaceWhere",
                partitions.stream()
                    .map(name -> "'" + name + "'")
                    .collect(Collectors.joining(", ", "snapshot IN (", ")")))
            .save(table.toString());
      }
    } catch (ConcurrentModificationException lost) {
      return false;
    } catch (RuntimeException e) {
      if (head().map(IndexHead::generation).orElse(0L) >= next.generation()) {
        return false; // two first commits at the same time
      }
      throw e;
    }
    return head().map(now -> now.token().equals(next.token())).orElse(false);
  }

  /** Files and bytes of the current state. */
  long[] filesAndBytes() {
    try {
      String[] names = rows().inputFiles();
      long bytes = 0;
      FileSystem files = table.getFileSystem(spark.sessionState().newHadoopConf());
      for (String name : names) {
        bytes += files.getFileStatus(new Path(java.net.URI.create(name))).getLen();
      }
      return new long[] {names.length, bytes};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of {@code snapshots}. */
  static List<String> names(List<SnapshotInfo> snapshots) {
    return new ArrayList<>(snapshots.stream().map(SnapshotInfo::name).toList());
  }
}
