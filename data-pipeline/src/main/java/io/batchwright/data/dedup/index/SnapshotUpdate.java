package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.CompactShingles;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.Fingerprints;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.RowByRow;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.ledger.CanonicalHash;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** One update of a {@link DedupIndex}: match, deduplicate the rest in itself, commit. */
final class SnapshotUpdate {
  private static final String STAGE = "duplicates";
  private static final StructType MATCHES =
      new StructType()
          .add("doc_id", DataTypes.StringType)
          .add("source", DataTypes.StringType)
          .add("reason", DataTypes.StringType)
          .add("survivor_id", DataTypes.StringType)
          .add("survivor_snapshot", DataTypes.StringType)
          .add("similarity", DataTypes.DoubleType);
  static final StructType ORPHANS =
      new StructType()
          .add("doc_id", DataTypes.StringType)
          .add("source", DataTypes.StringType)
          .add("snapshot", DataTypes.StringType)
          .add("survivor_id", DataTypes.StringType);
  private static final StructType NUMBERED =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("number", DataTypes.LongType, false);
  private static final StructType SETS =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("shingles", DataTypes.BinaryType, true);

  private final DedupIndex index;
  private final Dataset<Row> documents;
  private final String snapshot;
  private final String output;
  private final Consumer<Dataset<Row>> check;
  private final SparkSession spark;
  private final Workspace workspace = new Workspace();
  private final SortedMap<String, Long> figures = new TreeMap<>();

  SnapshotUpdate(
      DedupIndex index,
      Dataset<Row> documents,
      String snapshot,
      String output,
      Consumer<Dataset<Row>> check) {
    this.check = check;
    this.index = index;
    this.documents = documents;
    this.snapshot = snapshot;
    this.output = output;
    this.spark = documents.sparkSession();
  }

  IndexUpdate run() {
    try {
      Dataset<Row> prints = workspace.keep(Fingerprints.of(index.recipe(), documents));
      String content =
          CanonicalHash.of(
                  prints.select(
                      "doc_id", "source", IndexMatches.print(index.recipe(), ExactHash.class)))
              .toString();
      for (int attempt = 0; attempt < DedupIndex.ATTEMPTS; attempt++) {
        IndexHead head = index.head();
        Optional<SnapshotInfo> known = head.snapshot(snapshot);
        if (known.isPresent() && known.get().content().equals(content)) {
          return unchanged(known.get());
        }
        Optional<IndexUpdate> done = attempt(head, prints, content, known);
        if (done.isPresent()) {
          return done.get();
        }
      }
      throw DedupIndex.overtaken(index.table().folder());
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private IndexUpdate unchanged(SnapshotInfo info) {
    Dataset<Row> removed =
        workspace.keep(
            index
                .entries()
                .where(
                    col("snapshot")
                        .equalTo(snapshot)
                        .and(col("state").equalTo(IndexEntries.REMOVED)))
                .select(columns()));
    figures.put("index_snapshot_unchanged", 1L);
    figures.put("documents", info.documents());
    figures.put("removed", info.removed());
    return result(IndexUpdate.Kind.UNCHANGED, info, removed, Tables.empty(spark, ORPHANS));
  }

  private Optional<IndexUpdate> attempt(
      IndexHead head, Dataset<Row> prints, String content, Optional<SnapshotInfo> known) {
    figures.clear();
    Dataset<Row> matches = matches(head, prints);
    Dataset<Row> rest = anti(documents, matches);
    try (Deduplication inside = index.recipe().apply(rest)) {
      Dataset<Row> removed =
          workspace.keep(
              matches.unionByName(
                  inside
                      .outcome()
                      .removed()
                      .withColumn("survivor_snapshot", lit(snapshot))
                      .select(columns())));
      check.accept(removed.select(Removed.duplicates(STAGE, col("reason"))));
      figures.putAll(inside.figures());
      Dataset<Row> numbered = numbered(anti(prints, removed), head.nextNumber());
      long survivors = numbered.count();
      long gone = removed.count();
      long matched = matches.count();
      figures.put("documents", survivors + gone);
      figures.put("removed", gone);
      figures.put("removed_by_index", matched);
      SnapshotInfo info =
          new SnapshotInfo(
              snapshot, content, survivors + gone, survivors, 0, head.generation() + 1, output);
      Dataset<Row> orphans =
          known.isPresent()
              ? workspace.keep(orphans(numbered.join(prints, "doc_id")))
              : Tables.empty(spark, ORPHANS);
      figures.put("index_orphans", known.isPresent() ? orphans.count() : 0);
      List<SnapshotInfo> others = new java.util.ArrayList<>(head.without(snapshot));
      others.add(info);
      IndexHead next = head.next(DedupIndex.token(), survivors, others);
      Dataset<Row> entries =
          survivorEntries(prints, numbered).unionByName(removedEntries(removed), true);
      if (!index.table().commit(next, List.of(snapshot), whole(entries), survivors + gone)) {
        return Optional.empty();
      }
      IndexUpdate.Kind kind =
          known.isPresent() ? IndexUpdate.Kind.REPLACED : IndexUpdate.Kind.ADDED;
      return Optional.of(result(kind, info, removed, orphans));
    }
  }

  private Dataset<Row> matches(IndexHead head, Dataset<Row> prints) {
    if (head.without(snapshot).isEmpty()) {
      return Tables.empty(spark, MATCHES);
    }
    Dataset<Row> survivors = index.survivors().where(col("snapshot").notEqual(snapshot));
    IndexMatches search = new IndexMatches(index.recipe(), documents, prints, survivors, workspace);
    Dataset<Row> matches = search.find();
    figures.putAll(search.figures());
    return matches;
  }

  /** (doc_id, number) of what enters, in the order of doc_id. */
  private Dataset<Row> numbered(Dataset<Row> prints, long first) {
    JavaRDD<Row> numbered =
        prints
            .select("doc_id")
            .orderBy("doc_id")
            .toJavaRDD()
            .zipWithIndex()
            .map(entry -> RowFactory.create(entry._1.get(0), first + entry._2));
    return workspace.keep(spark.createDataFrame(numbered, NUMBERED));
  }

  private Dataset<Row> survivorEntries(Dataset<Row> prints, Dataset<Row> numbered) {
    Optional<MinHashLsh> lsh = IndexMatches.lsh(index.recipe());
    Dataset<Row> entries =
        prints
            .join(numbered, "doc_id")
            .select(
                lit(snapshot).as("snapshot"),
                lit(IndexEntries.SURVIVOR).as("state"),
                col("number"),
                col("doc_id"),
                col("source"),
                col(IndexMatches.print(index.recipe(), ExactHash.class)).as("content"),
                (lsh.isPresent()
                        ? col(IndexMatches.print(index.recipe(), MinHashLsh.class))
                        : lit(null).cast(DataTypes.BinaryType))
                    .as("bands"));
    if (lsh.isEmpty()) {
      return entries;
    }
    Dataset<Row> sets =
        documents
            .select("doc_id", "text")
            .mapPartitions(sets(lsh.get().shingles()), Encoders.row(SETS));
    return entries.join(sets, "doc_id");
  }

  private static MapPartitionsFunction<Row, Row> sets(Shingles shingles) {
    return rows -> {
      var hasher = shingles.hasher();
      return RowByRow.of(
          rows, row -> RowFactory.create(row.get(0), CompactShingles.of(hasher, row.getString(1))));
    };
  }

  private Dataset<Row> removedEntries(Dataset<Row> removed) {
    return removed
        .withColumn("snapshot", lit(snapshot))
        .withColumn("state", lit(IndexEntries.REMOVED));
  }

  private Dataset<Row> whole(Dataset<Row> entries) {
    return Tables.empty(spark, IndexEntries.SCHEMA)
        .unionByName(entries, true)
        .select(
            Arrays.stream(IndexEntries.SCHEMA.fieldNames())
                .map(name -> col(name))
                .toArray(org.apache.spark.sql.Column[]::new));
  }

  /** Documents of other snapshots whose survivor was in this one and is not any more. */
  private Dataset<Row> orphans(Dataset<Row> survivorsNow) {
    Dataset<Row> before =
        index.survivors().where(col("snapshot").equalTo(snapshot)).select("doc_id", "content");
    Dataset<Row> now =
        survivorsNow.select(
            col("doc_id"), col(IndexMatches.print(index.recipe(), ExactHash.class)).as("content"));
    Dataset<Row> lost =
        before
            .join(now, new String[] {"doc_id", "content"}, "left_anti")
            .select(col("doc_id").as("survivor_id"));
    return IndexMaintenance.represented(
        index.entries().where(col("snapshot").notEqual(snapshot)),
        lost.withColumn("survivor_snapshot", lit(snapshot)));
  }

  private IndexUpdate result(
      IndexUpdate.Kind kind, SnapshotInfo info, Dataset<Row> matches, Dataset<Row> orphans) {
    Dataset<Row> removed = matches.select(Removed.duplicates(STAGE, col("reason")));
    Dataset<Row> sizes =
        workspace.keep(removed.groupBy("cluster_id").agg(count(lit(1)).plus(1).as("size")));
    Dataset<Row> inside =
        matches
            .where(col("survivor_snapshot").equalTo(snapshot))
            .select(col("survivor_id").as("doc_id"), col("survivor_id").as("cluster_id"))
            .distinct();
    Dataset<Row> clusters =
        removed
            .select("doc_id", "cluster_id")
            .union(inside)
            .join(sizes, "cluster_id")
            .select("doc_id", "cluster_id", "size");
    figures.put("clusters", sizes.count());
    Row largest = sizes.agg(org.apache.spark.sql.functions.max("size")).head();
    figures.put("largest_cluster", largest.isNullAt(0) ? 0 : largest.getLong(0));
    figures.put("index_generation", info.generation());
    return new IndexUpdate(
        kind,
        info,
        new Outcome(anti(documents, matches), removed, Tables.empty(spark, Tables.QUARANTINE)),
        clusters,
        matches,
        orphans,
        figures,
        workspace);
  }

  private static Dataset<Row> anti(Dataset<Row> table, Dataset<Row> ids) {
    return table
        .join(ids.select("doc_id"), new String[] {"doc_id"}, "left_anti")
        .select(
            Arrays.stream(table.columns())
                .map(name -> col("`" + name + "`"))
                .toArray(org.apache.spark.sql.Column[]::new));
  }

  private static org.apache.spark.sql.Column[] columns() {
    return IndexMatches.COLUMNS.stream()
        .map(name -> col(name))
        .toArray(org.apache.spark.sql.Column[]::new);
  }
}
