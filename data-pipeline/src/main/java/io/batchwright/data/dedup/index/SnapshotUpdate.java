package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.Fingerprints;
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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
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
    return result(
        IndexUpdate.Kind.UNCHANGED, info, removed, Tables.empty(spark, ORPHANS), List.of());
  }

  private Optional<IndexUpdate> attempt(
      IndexHead head, Dataset<Row> prints, String content, Optional<SnapshotInfo> known) {
    figures.clear();
    IndexSuccession succession = new IndexSuccession(index, head, snapshot);
    Withdrawal abandoned = succession.abandoned();
    boolean alone = succession.others().isEmpty();
    Dataset<Row> others =
        alone
            ? Tables.empty(spark, IndexEntries.SCHEMA)
            : abandoned.remaining().where(col("snapshot").notEqual(snapshot));
    Dataset<Row> matches = alone ? Tables.empty(spark, MATCHES) : matches(others, prints);
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
      Dataset<Row> numbered =
          workspace.keep(SnapshotEntries.numbered(anti(prints, removed), head.nextNumber()));
      long survivors = numbered.count();
      long gone = removed.count();
      figures.put("documents", survivors + gone);
      figures.put("removed", gone);
      figures.put("removed_by_index", matches.count());
      SnapshotInfo info =
          new SnapshotInfo(
              snapshot,
              content,
              survivors + gone,
              survivors,
              0,
              head.generation() + 1,
              output,
              index.publishesLater());
      Dataset<Row> orphans =
          known.isEmpty() && abandoned.backTo().isEmpty()
              ? Tables.empty(spark, ORPHANS)
              : workspace.keep(orphans(others, numbered.join(prints, "doc_id"), abandoned));
      figures.put("index_orphans", orphans.count());
      figures.put("index_taken_back", documents(abandoned.gone()));
      Dataset<Row> entries =
          new SnapshotEntries(index.recipe(), documents, prints, snapshot).of(numbered, removed);
      if (!succession.commit(info, entries)) {
        return Optional.empty();
      }
      IndexUpdate.Kind kind =
          known.isPresent() ? IndexUpdate.Kind.REPLACED : IndexUpdate.Kind.ADDED;
      return Optional.of(result(kind, info, removed, orphans, abandoned.gone()));
    }
  }

  private Dataset<Row> matches(Dataset<Row> others, Dataset<Row> prints) {
    Dataset<Row> survivors = others.where(col("state").equalTo(IndexEntries.SURVIVOR));
    IndexMatches search = new IndexMatches(index.recipe(), documents, prints, survivors, workspace);
    Dataset<Row> matches = search.find();
    figures.putAll(search.figures());
    return matches;
  }

  /**
   * Documents of other snapshots whose survivor was in this one, or in one that was taken back, and
   * is not any more.
   */
  private Dataset<Row> orphans(
      Dataset<Row> others, Dataset<Row> survivorsNow, Withdrawal abandoned) {
    Dataset<Row> before =
        index.survivors().where(col("snapshot").equalTo(snapshot)).select("doc_id", "content");
    Dataset<Row> now =
        survivorsNow.select(
            col("doc_id"), col(IndexMatches.print(index.recipe(), ExactHash.class)).as("content"));
    Dataset<Row> lost =
        before
            .join(now, new String[] {"doc_id", "content"}, "left_anti")
            .select(col("doc_id").as("survivor_id"));
    return IndexMaintenance.represented(others, lost.withColumn("survivor_snapshot", lit(snapshot)))
        .union(abandoned.orphans().where(col("snapshot").notEqual(snapshot)));
  }

  private static long documents(List<SnapshotInfo> snapshots) {
    return snapshots.stream().mapToLong(info -> info.documents() - info.erased()).sum();
  }

  private IndexUpdate result(
      IndexUpdate.Kind kind,
      SnapshotInfo info,
      Dataset<Row> matches,
      Dataset<Row> orphans,
      List<SnapshotInfo> takenBack) {
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
        takenBack,
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
