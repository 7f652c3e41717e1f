package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.batchwright.data.Tables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Snapshots that are taken out of an index, each back to what it was after an earlier commit: gone,
 * or the version that a late correction had replaced.
 *
 * @param index the index
 * @param head its head before
 * @param backTo the commit to go back to, by snapshot; {@link #FOREVER} keeps no earlier version
 */
record Withdrawal(DedupIndex index, IndexHead head, Map<String, Long> backTo) {
  /** Before the first commit. */
  static final long FOREVER = 0;

  Withdrawal {
    backTo = Map.copyOf(backTo);
  }

  /** What goes, as it is now. */
  List<SnapshotInfo> gone() {
    return head.snapshots().stream().filter(s -> backTo.containsKey(s.name())).toList();
  }

  /** The versions that come back. */
  List<ReplacedSnapshot> restored() {
    return head.replaced().stream().filter(r -> reaches(r).filter(r::stoodAt).isPresent()).toList();
  }

  /** All snapshots after it. */
  List<SnapshotInfo> snapshots() {
    List<SnapshotInfo> left = new ArrayList<>(head.snapshots());
    left.removeAll(gone());
    restored().forEach(version -> left.add(version.snapshot()));
    return left;
  }

  /** The replaced versions that stay aside: of other snapshots, and those that are older still. */
  List<ReplacedSnapshot> aside() {
    List<ReplacedSnapshot> left = new ArrayList<>(head.replaced());
    left.removeIf(r -> reaches(r).filter(generation -> r.until() > generation).isPresent());
    return left;
  }

  /** The partitions that it replaces. */
  List<String> partitions() {
    List<String> partitions = new ArrayList<>(gone().stream().map(SnapshotInfo::name).toList());
    head.replaced().stream()
        .filter(r -> !aside().contains(r))
        .forEach(r -> partitions.add(r.partition()));
    return partitions;
  }

  /** The entries of the versions that come back. */
  Dataset<Row> restoredEntries() {
    Dataset<Row> rows = Tables.empty(index.table().spark(), IndexEntries.SCHEMA);
    for (ReplacedSnapshot version : restored()) {
      rows =
          rows.unionByName(
              index
                  .table()
                  .partition(version.partition())
                  .withColumn("snapshot", lit(version.snapshot().name())));
    }
    return rows;
  }

  long restoredCount() {
    return restored().stream()
        .mapToLong(version -> version.snapshot().documents() - version.snapshot().erased())
        .sum();
  }

  /** All entries after it. */
  Dataset<Row> remaining() {
    return backTo.isEmpty() ? index.entries() : kept().unionByName(restoredEntries());
  }

  /** (doc_id, source, snapshot, survivor_id): removed entries left whose survivor went. */
  Dataset<Row> orphans() {
    String[] named = {"survivor_id", "survivor_snapshot"};
    Dataset<Row> lost =
        survivors(index.entries().where(inside()))
            .join(survivors(restoredEntries()), named, "left_anti");
    Dataset<Row> unfounded =
        restoredEntries()
            .where(col("state").equalTo(IndexEntries.REMOVED))
            .join(survivors(remaining()), named, "left_anti")
            .select("doc_id", "source", "snapshot", "survivor_id");
    return IndexMaintenance.represented(kept(), lost).union(unfounded);
  }

  private Dataset<Row> kept() {
    return index.entries().where(not(inside()));
  }

  private Column inside() {
    return col("snapshot").isin(backTo.keySet().toArray());
  }

  private static Dataset<Row> survivors(Dataset<Row> entries) {
    return entries
        .where(col("state").equalTo(IndexEntries.SURVIVOR))
        .select(col("doc_id").as("survivor_id"), col("snapshot").as("survivor_snapshot"));
  }

  private Optional<Long> reaches(ReplacedSnapshot version) {
    return Optional.ofNullable(backTo.get(version.snapshot().name()));
  }
}
