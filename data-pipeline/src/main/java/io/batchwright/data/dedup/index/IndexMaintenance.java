package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.failure.BatchwrightException;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.catalog.DeltaTableV2$;
import org.apache.spark.sql.delta.commands.VacuumCommand;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SystemClock;
import scala.Option;
import scala.collection.immutable.Map$;

/** Deletions, erasures and compaction of a {@link DedupIndex}. */
final class IndexMaintenance {
  private static final StructType OUTPUTS =
      new StructType()
          .add("snapshot", DataTypes.StringType, false)
          .add("output", DataTypes.StringType, false);

  /** Few listing tasks, where Spark would start up to 10,000, and any age of files. */
  private static final Map<String, String> VACUUM_SETTINGS =
      Map.of(
          "spark.sql.sources.parallelPartitionDiscovery.parallelism", "16",
          "spark.databricks.delta.retentionDurationCheck.enabled", "false");

  private final DedupIndex index;
  private final SparkSession spark;

  IndexMaintenance(DedupIndex index) {
    this.index = index;
    this.spark = index.table().spark();
  }

  /**
   * Takes snapshots out.
   *
   * @param chosen the commit that each goes back to, by name, given the head
   */
  IndexChange withdraw(Function<IndexHead, Map<String, Long>> chosen) {
    for (int attempt = 0; attempt < DedupIndex.ATTEMPTS; attempt++) {
      IndexHead head = required();
      Withdrawal taken = new Withdrawal(index, head, chosen.apply(head));
      List<SnapshotInfo> restored =
          taken.restored().stream().map(ReplacedSnapshot::snapshot).toList();
      long before = index.entries().count();
      Column inside = col("snapshot").isin(taken.backTo().keySet().toArray());
      Dataset<Row> gone = affected(index.entries().where(inside), head).localCheckpoint();
      Dataset<Row> orphans = taken.orphans().localCheckpoint();
      long after = before - gone.count() + taken.restoredCount();
      if (taken.backTo().isEmpty()
          || index
              .table()
              .commit(
                  head.next(DedupIndex.token(), 0, taken.snapshots(), taken.aside()),
                  taken.partitions(),
                  taken.restoredEntries(),
                  taken.restoredCount())) {
        return new IndexChange(taken.gone(), restored, before, after, gone, orphans);
      }
    }
    throw DedupIndex.overtaken(index.table().folder());
  }

  IndexChange erase(Dataset<Row> ids) {
    Dataset<Row> erased = ids.select("doc_id").distinct().localCheckpoint();
    for (int attempt = 0; attempt < DedupIndex.ATTEMPTS; attempt++) {
      IndexHead head = required();
      long before = index.entries().count();
      Dataset<Row> everywhere = index.table().versions().join(erased, "doc_id").localCheckpoint();
      Dataset<Row> gone = affected(everywhere, head).localCheckpoint();
      Dataset<Row> named = erased.withColumnRenamed("doc_id", "survivor_id");
      Dataset<Row> orphans =
          index
              .table()
              .versions()
              .where(col("state").equalTo(IndexEntries.REMOVED))
              .join(erased, new String[] {"doc_id"}, "left_anti")
              .join(named, "survivor_id")
              .select("doc_id", "source", "snapshot", "survivor_id")
              .localCheckpoint();
      List<String> partitions = new ArrayList<>();
      everywhere
          .select("snapshot")
          .union(orphans.select("snapshot"))
          .distinct()
          .collectAsList()
          .forEach(row -> partitions.add(row.getString(0)));
      if (partitions.isEmpty()) {
        return new IndexChange(List.of(), List.of(), before, before, gone, orphans);
      }
      Map<String, long[]> counts = new HashMap<>();
      everywhere
          .groupBy("snapshot", "state")
          .count()
          .collectAsList()
          .forEach(
              row -> {
                long[] count = counts.computeIfAbsent(row.getString(0), s -> new long[2]);
                count[row.getString(1).equals(IndexEntries.SURVIVOR) ? 0 : 1] += row.getLong(2);
              });
      List<SnapshotInfo> snapshots =
          head.snapshots().stream().map(s -> without(s, counts.get(s.name()))).toList();
      List<ReplacedSnapshot> aside =
          head.replaced().stream()
              .map(r -> r.with(without(r.snapshot(), counts.get(r.partition()))))
              .toList();
      Dataset<Row> rest =
          scrubbed(
              index.table().versions().where(col("snapshot").isin(partitions.toArray())),
              erased,
              named);
      long after = before - gone.count();
      if (index
          .table()
          .commit(head.next(DedupIndex.token(), 0, snapshots, aside), partitions, rest, after)) {
        List<SnapshotInfo> touched =
            head.snapshots().stream().filter(s -> partitions.contains(s.name())).toList();
        return new IndexChange(
            touched,
            List.of(),
            before,
            after,
            gone,
            orphans.where(not(col("snapshot").startsWith(IndexEntries.ASIDE))));
      }
    }
    throw DedupIndex.overtaken(index.table().folder());
  }

  private static SnapshotInfo without(SnapshotInfo snapshot, long[] erased) {
    return erased == null
        ? snapshot
        : new SnapshotInfo(
            snapshot.name(),
            "",
            snapshot.documents(),
            snapshot.survivors() - erased[0],
            snapshot.erased() + erased[0] + erased[1],
            snapshot.generation(),
            snapshot.output(),
            snapshot.pending());
  }

  /** Entries without the erased ones, and without their ids where they stood for others. */
  private static Dataset<Row> scrubbed(
      Dataset<Row> entries, Dataset<Row> erased, Dataset<Row> named) {
    Dataset<Row> marked = broadcast(named.withColumn("gone", lit(true)));
    Dataset<Row> joined =
        entries
            .join(erased, new String[] {"doc_id"}, "left_anti")
            .join(marked, new String[] {"survivor_id"}, "left_outer");
    List<Column> columns = new ArrayList<>();
    for (String name : IndexEntries.SCHEMA.fieldNames()) {
      columns.add(
          name.startsWith("survivor_")
              ? when(col("gone").isNull(), col(name)).as(name)
              : col(name));
    }
    return joined.select(columns.toArray(Column[]::new));
  }

  void compact(double vacuumHours) {
    required();
    try {
      DeltaTable delta = DeltaTable.forPath(spark, index.table().path().toString());
      delta.optimize().executeCompaction();
      Map<String, String> before = new HashMap<>();
      try {
        VACUUM_SETTINGS.forEach((key, value) -> before.put(key, set(key, value)));
        vacuum(vacuumHours);
      } finally {
        before.forEach(this::set);
      }
    } catch (ConcurrentModificationException e) {
      throw BatchwrightException.resources(
          "Another run committed to the deduplication index in %s while it was compacted; nothing is lost, compact it again."
              .formatted(index.table().folder()),
          e);
    }
  }

  /** Sets {@code key}, or unsets it with null, and returns what it was. */
  private String set(String key, String value) {
    String before = spark.conf().contains(key) ? spark.conf().get(key) : null;
    if (value == null) {
      spark.conf().unset(key);
    } else {
      spark.conf().set(key, value);
    }
    return before;
  }

  /** What DeltaTable.vacuum does, which needs Delta's SQL extension in the session. */
  private void vacuum(double hours) {
    VacuumCommand.gc(
        spark,
        DeltaTableV2$.MODULE$.apply(
            spark, index.table().path(), Map$.MODULE$.<String, String>empty(), "VACUUM"),
        false,
        Option.<Object>apply(hours),
        Option.empty(),
        Option.empty(),
        Map$.MODULE$.<String, SQLMetric>empty(),
        new SystemClock());
  }

  private IndexHead required() {
    IndexHead head = index.head();
    if (head.generation() == 0) {
      throw BatchwrightException.usage(
          "There is no deduplication index in %s.".formatted(index.table().folder()));
    }
    return head;
  }

  private Dataset<Row> affected(Dataset<Row> entries, IndexHead head) {
    List<Row> outputs =
        head.snapshots().stream().map(s -> RowFactory.create(s.name(), s.output())).toList();
    return entries
        .join(broadcast(spark.createDataFrame(outputs, OUTPUTS)), "snapshot")
        .select(
            col("doc_id"),
            col("source"),
            col("snapshot"),
            col("state"),
            when(col("state").equalTo(IndexEntries.SURVIVOR), col("output")).as("output"));
  }

  /** The removed entries among {@code entries} whose survivor is in {@code lost}. */
  static Dataset<Row> represented(Dataset<Row> entries, Dataset<Row> lost) {
    return entries
        .where(col("state").equalTo(IndexEntries.REMOVED))
        .join(lost, new String[] {"survivor_id", "survivor_snapshot"})
        .select("doc_id", "source", "snapshot", "survivor_id");
  }
}
