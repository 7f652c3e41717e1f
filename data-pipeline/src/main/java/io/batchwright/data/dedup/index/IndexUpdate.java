package io.batchwright.data.dedup.index;

import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.ledger.Outcome;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What became of a snapshot; close it once its tables are committed.
 *
 * @param kind what the update did to the index
 * @param snapshot the snapshot as the index knows it now
 * @param outcome kept and removed documents
 * @param clusters (doc_id, cluster_id, size) of this snapshot's documents with a duplicate; those
 *     that the index represents are in the cluster of the document that stands for them
 * @param matches (doc_id, source, reason, survivor_id, survivor_snapshot, similarity): every
 *     removed document, with the snapshot of the one that stands for it
 * @param orphans (doc_id, source, snapshot, survivor_id): documents of other snapshots, removed
 *     before, whose survivor this late correction took away, or was taken back
 * @param takenBack snapshots of other runs that ended before their output stood ({@link
 *     DedupIndex#publishing}), which are gone or as they were before
 * @param figures counts to report, by name
 * @param workspace holds the intermediate tables
 */
public record IndexUpdate(
    Kind kind,
    SnapshotInfo snapshot,
    Outcome outcome,
    Dataset<Row> clusters,
    Dataset<Row> matches,
    Dataset<Row> orphans,
    List<SnapshotInfo> takenBack,
    SortedMap<String, Long> figures,
    Workspace workspace)
    implements AutoCloseable {

  /** What an update did to the index. */
  public enum Kind {
    /** The snapshot is new. */
    ADDED,
    /** The index had this snapshot with this content, and nothing was written. */
    UNCHANGED,
    /** The index had this snapshot with other content, which is gone: a late correction. */
    REPLACED
  }

  public IndexUpdate {
    takenBack = List.copyOf(takenBack);
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }

  @Override
  public void close() {
    workspace.close();
  }
}
