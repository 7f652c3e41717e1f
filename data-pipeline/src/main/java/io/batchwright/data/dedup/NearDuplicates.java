package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** One search of {@link MinHashLsh}: buckets, components of candidates, verdicts. */
final class NearDuplicates {
  private final MinHashLsh lsh;
  private final DuplicateSearch search;
  private final boolean acrossOrigins;

  NearDuplicates(MinHashLsh lsh, DuplicateSearch search) {
    this.lsh = lsh;
    this.search = search;
    acrossOrigins = search.scope() == Scope.ACROSS_SOURCES;
  }

  Duplicates find() {
    Dataset<Row> components = ConnectedComponents.of(keep(links()), search.workspace());
    if (!lsh.verify()) {
      return new Duplicates(unverified(components), new TreeMap<>());
    }
    Dataset<Row> candidates = keep(candidates(components));
    Dataset<Row> verdicts = keep(judged(candidates));
    return new Duplicates(Verdicts.removals(verdicts), Verdicts.figures(verdicts));
  }

  /** Spanning forests (a, b) of the documents that share a bucket. */
  private Dataset<Row> links() {
    boolean byOrigin = acrossOrigins && !lsh.verify();
    return search
        .roster()
        .where(col("print").isNotNull())
        .select("ordinal", "part", "origin", "print")
        .mapPartitions(new BandRows(byOrigin), Encoders.row(BandRows.SCHEMA))
        .repartition(col("key"))
        .sortWithinPartitions("key", "a")
        .mapPartitions(new StarEdges(byOrigin), Encoders.row(StarEdges.SCHEMA));
  }

  /** Every member of a component but its first one, and what is of the first one's origin. */
  private Dataset<Row> unverified(Dataset<Row> components) {
    Dataset<Row> members =
        components
            .where(col("node").notEqual(col("root")))
            .select(
                col("node").as("ordinal"),
                col("root").as("survivor"),
                lit(null).cast(DataTypes.DoubleType).as("similarity"));
    if (!acrossOrigins) {
      return members;
    }
    Dataset<Row> origins = search.roster().select("ordinal", "origin");
    return members
        .join(origins, "ordinal")
        .join(origins.toDF("survivor", "survivor_origin"), "survivor")
        .where(col("origin").notEqual(col("survivor_origin")))
        .select("ordinal", "survivor", "similarity");
  }

  /** (component, ordinal, origin, print, doc_id) of each document that shares a bucket. */
  private Dataset<Row> candidates(Dataset<Row> components) {
    return search
        .roster()
        .join(broadcast(components), col("ordinal").equalTo(col("node")))
        .select(
            col("root").as("component"),
            col("ordinal"),
            col("origin"),
            col("print"),
            col("doc_id"));
  }

  private Dataset<Row> judged(Dataset<Row> candidates) {
    return CandidateShingles.of(search.documents(), candidates, candidates.count(), lsh.shingles())
        .repartition(col("component"))
        .sortWithinPartitions("component", "ordinal")
        .mapPartitions(new AnchoredResolution(lsh, acrossOrigins), Encoders.row(Verdicts.SCHEMA));
  }

  private Dataset<Row> keep(Dataset<Row> table) {
    return search.workspace().keep(table);
  }
}
