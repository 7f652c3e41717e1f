package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one update of a snapshot does to the rest of the index: snapshots whose run published
 * nothing are taken back, pending ones whose output stands are settled, and the version that the
 * update replaces is set aside.
 */
final class IndexSuccession {
  private final DedupIndex index;
  private final IndexHead head;
  private final String snapshot;
  private final Map<String, OutputState> outputs = new TreeMap<>();

  /**
   * @param snapshot the name of the snapshot that is updated
   */
  IndexSuccession(DedupIndex index, IndexHead head, String snapshot) {
    this.index = index;
    this.head = head;
    this.snapshot = snapshot;
    head.snapshots().forEach(info -> outputs.put(info.name(), index.output(info)));
  }

  /** The other snapshots that nobody published, each back to what it was before. */
  Withdrawal abandoned() {
    Map<String, Long> backTo = new TreeMap<>();
    for (SnapshotInfo info : head.snapshots()) {
      if (!info.name().equals(snapshot) && outputs.get(info.name()) == OutputState.ABANDONED) {
        backTo.put(info.name(), info.generation() - 1);
      }
    }
    return new Withdrawal(index, head, backTo);
  }

  /** The other snapshots, as they stand after the update. */
  List<SnapshotInfo> others() {
    return abandoned().snapshots().stream()
        .filter(info -> !info.name().equals(snapshot))
        .map(info -> outputs.get(info.name()) == OutputState.PUBLISHED ? info.settled() : info)
        .toList();
  }

  /**
   * Commits the snapshot with its {@code entries}.
   *
   * @return false where another commit came first, and nothing was changed
   */
  boolean commit(SnapshotInfo info, Dataset<Row> entries) {
    Withdrawal abandoned = abandoned();
    List<String> partitions = new ArrayList<>(abandoned.partitions());
    partitions.add(snapshot);
    List<ReplacedSnapshot> aside = new ArrayList<>(abandoned.aside());
    Dataset<Row> rows = entries.unionByName(abandoned.restoredEntries());
    long count = info.documents() + abandoned.restoredCount();
    Optional<SnapshotInfo> before = head.snapshot(snapshot);
    if (before.isPresent() && outputs.get(snapshot) == OutputState.ABANDONED) {
      // Nobody has that version; what it had replaced is what this one replaces.
      aside.replaceAll(
          version ->
              version.snapshot().name().equals(snapshot)
                      && version.until() == before.get().generation()
                  ? version.until(info.generation())
                  : version);
    } else if (before.isPresent()) {
      boolean stands = outputs.get(snapshot) == OutputState.PUBLISHED;
      ReplacedSnapshot version =
          new ReplacedSnapshot(stands ? before.get().settled() : before.get(), info.generation());
      aside.add(version);
      partitions.add(version.partition());
      rows =
          rows.unionByName(
              index.table().partition(snapshot).withColumn("snapshot", lit(version.partition())));
      count += before.get().documents() - before.get().erased();
    }
    List<SnapshotInfo> snapshots = new ArrayList<>(others());
    snapshots.add(info);
    IndexHead next = head.next(DedupIndex.token(), info.survivors(), snapshots, aside);
    return index.table().commit(next, partitions, rows, count);
  }
}
