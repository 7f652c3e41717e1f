package io.batchwright.data.dedup.index;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a deletion or erasure did.
 *
 * @param snapshots the snapshots that it touched, as they were before
 * @param restored versions that late corrections had replaced and that came back
 * @param before entries before
 * @param after entries after
 * @param affected (doc_id, source, snapshot, state, output): every entry that went, with the folder
 *     of the run that holds its document where it is a survivor
 * @param orphans (doc_id, source, snapshot, survivor_id): documents still in the index as removed
 *     whose survivor went
 */
public record IndexChange(
    List<SnapshotInfo> snapshots,
    List<SnapshotInfo> restored,
    long before,
    long after,
    Dataset<Row> affected,
    Dataset<Row> orphans) {}
