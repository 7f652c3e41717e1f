package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.ledger.Outcome;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What deduplication found; close it once its tables are committed.
 *
 * @param outcome kept and removed documents; {@code survivor_id} is always a kept document
 * @param clusters (doc_id, cluster_id, size) of every document with a duplicate, survivors
 *     included; the cluster's id is its survivor's doc_id
 * @param figures documents, removed, candidate_pairs, verified_pairs, beyond_cap, clusters,
 *     largest_cluster, and {@code removed_REASON}
 * @param workspace holds the intermediate tables
 */
public record Deduplication(
    Outcome outcome, Dataset<Row> clusters, SortedMap<String, Long> figures, Workspace workspace)
    implements AutoCloseable {

  public Deduplication {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }

  /**
   * Up to {@code count} removed near-duplicates that differ from their survivor, chosen by hash of
   * their id with {@code seed}: the same ones in every run.
   *
   * @param documents the table that was deduplicated
   */
  public List<DuplicatePair> examples(Dataset<Row> documents, int count, long seed) {
    Dataset<Row> chosen =
        outcome
            .removed()
            .where(col("similarity").lt(1))
            .orderBy(xxhash64(lit(seed), col("doc_id")), col("doc_id"))
            .limit(count)
            .select("doc_id", "source", "survivor_id", "similarity");
    Dataset<Row> survivors =
        documents.select(
            col("doc_id").as("survivor_id"),
            col("source").as("survivor_source"),
            col("text").as("survivor_text"));
    return chosen
        .join(documents.select("doc_id", "text"), "doc_id")
        .join(survivors, "survivor_id")
        .orderBy(xxhash64(lit(seed), col("doc_id")), col("doc_id"))
        .select(
            "doc_id",
            "source",
            "text",
            "survivor_id",
            "survivor_source",
            "survivor_text",
            "similarity")
        .collectAsList()
        .stream()
        .map(
            row ->
                new DuplicatePair(
                    row.getString(0),
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getDouble(6)))
        .toList();
  }

  /** Frees the intermediate tables. */
  @Override
  public void close() {
    workspace.close();
  }
}
