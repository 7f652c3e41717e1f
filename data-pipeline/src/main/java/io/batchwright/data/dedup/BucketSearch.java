package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Compares candidates bucket by bucket, each bucket a stream: what components of any size are
 * searched by. Each round sends the shingle sets of the documents to be compared once a bucket.
 */
final class BucketSearch {
  private final MinHashLsh lsh;
  private final DuplicateSearch search;
  private final Dataset<Row> shingles;
  private final Dataset<Row> buckets;
  private final SortedMap<String, Long> figures = new TreeMap<>();

  /**
   * @param shingles in {@link CandidateShingles#SCHEMA}; computed already
   */
  BucketSearch(MinHashLsh lsh, DuplicateSearch search, Dataset<Row> shingles) {
    this.lsh = lsh;
    this.search = search;
    this.shingles = shingles;
    Dataset<Row> memberships =
        search
            .workspace()
            .keep(
                shingles
                    .select("ordinal", "component", "origin", "print")
                    .mapPartitions(new BandRows(true), Encoders.row(BandRows.SCHEMA))
                    .select(col("key"), col("a").as("ordinal")));
    buckets = search.workspace().keep(shared(memberships));
  }

  /** Counts of the comparisons so far. */
  SortedMap<String, Long> figures() {
    return figures;
  }

  /** Pairs that are similar enough, in {@link Duplicates#SCHEMA}: each with its bucket's anchor. */
  Dataset<Row> similarPairs() {
    return compared(
        buckets.join(shingles.select("ordinal", "origin", "shingles"), "ordinal"), lit(true));
  }

  /**
   * Removals by anchors that stay, until nothing changes: resolve all pairs known; a document whose
   * anchors have all gone is open again, and compared with what else stays in its buckets.
   */
  Dataset<Row> removals() {
    Dataset<Row> pairs = similarPairs();
    Dataset<Row> settled = null;
    while (true) {
      figures.merge("resolution_rounds", 1L, Long::sum);
      Dataset<Row> removed = keep(resolved(pairs));
      Dataset<Row> open = keep(open(pairs, removed, settled));
      if (open.isEmpty()) {
        return removed;
      }
      Dataset<Row> fresh = compared(stillStanding(removed, open), col("open"));
      if (fresh.isEmpty()) {
        figures.merge("resolution_rounds", 1L, Long::sum);
        return removed;
      }
      settled = keep(open.join(fresh.select("ordinal"), onOrdinal(), "left_anti"));
      pairs = keep(pairs.union(fresh).distinct());
    }
  }

  /** Documents that have an anchor among {@code pairs} and stay, but for those just compared. */
  private static Dataset<Row> open(Dataset<Row> pairs, Dataset<Row> removed, Dataset<Row> settled) {
    Dataset<Row> staying =
        pairs
            .select("ordinal")
            .distinct()
            .join(removed.select("ordinal"), onOrdinal(), "left_anti");
    return settled == null ? staying : staying.join(settled, onOrdinal(), "left_anti");
  }

  /** What stays in the buckets of open documents, with its shingles. */
  private Dataset<Row> stillStanding(Dataset<Row> removed, Dataset<Row> open) {
    Dataset<Row> touched = buckets.join(open, onOrdinal(), "left_semi").select("bucket").distinct();
    return buckets
        .join(touched, "bucket")
        .join(removed.select("ordinal"), onOrdinal(), "left_anti")
        .join(open.withColumn("opened", lit(true)), onOrdinal(), "left_outer")
        .withColumn("open", col("opened").isNotNull())
        .join(shingles.select("ordinal", "origin", "shingles"), "ordinal");
  }

  private Dataset<Row> compared(Dataset<Row> members, org.apache.spark.sql.Column open) {
    Dataset<Row> verdicts =
        keep(
            members
                .select(
                    col("bucket"), col("ordinal"), col("origin"), open.as("open"), col("shingles"))
                .repartition(col("bucket"))
                .sortWithinPartitions("bucket", "ordinal")
                .mapPartitions(
                    new AnchorCascade(lsh, search.scope() == Scope.ACROSS_SOURCES),
                    Encoders.row(Verdicts.SCHEMA)));
    Verdicts.figures(verdicts).forEach((name, value) -> figures.merge(name, value, Long::sum));
    return keep(Verdicts.removals(verdicts).distinct());
  }

  private Dataset<Row> resolved(Dataset<Row> pairs) {
    return pairs
        .repartition(1)
        .sortWithinPartitions("ordinal", "survivor")
        .mapPartitions(new GreedyResolution(search.total()), Encoders.row(Duplicates.SCHEMA));
  }

  /**
   * (bucket, ordinal) of the buckets with company. Bands whose buckets have the same members are
   * one bucket: twins that agree in all bands meet once.
   */
  private static Dataset<Row> shared(Dataset<Row> memberships) {
    Dataset<Row> shared =
        memberships
            .groupBy("key")
            .agg(
                count(lit(1)).as("members"),
                bit_xor(xxhash64(col("ordinal"))).as("one"),
                bit_xor(xxhash64(col("ordinal"), lit(1))).as("two"))
            .where(col("members").gt(1))
            .groupBy("members", "one", "two")
            .agg(min("key").as("key"))
            .select("key");
    return memberships.join(shared, "key").select(col("key").as("bucket"), col("ordinal"));
  }

  private static String[] onOrdinal() {
    return new String[] {"ordinal"};
  }

  private Dataset<Row> keep(Dataset<Row> table) {
    return search.workspace().keep(table);
  }
}
