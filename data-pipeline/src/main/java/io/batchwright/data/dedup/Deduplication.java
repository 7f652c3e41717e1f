package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.ledger.Outcome;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    List<Row> chosen =
        outcome
            .removed()
            .where(col("similarity").lt(1))
            .orderBy(xxhash64(lit(seed), col("doc_id")), col("doc_id"))
            .limit(count)
            .select("doc_id", "survivor_id", "similarity")
            .collectAsList();
    Set<String> ids = new HashSet<>();
    chosen.forEach(row -> ids.addAll(List.of(row.getString(0), row.getString(1))));
    Map<String, Row> texts = new HashMap<>();
    if (!ids.isEmpty()) {
      documents
          .where(col("doc_id").isin(ids.toArray()))
          .select("doc_id", "source", "text")
          .collectAsList()
          .forEach(row -> texts.put(row.getString(0), row));
    }
    return chosen.stream()
        .filter(row -> texts.containsKey(row.getString(0)) && texts.containsKey(row.getString(1)))
        .map(
            row -> {
              Row own = texts.get(row.getString(0));
              Row survivor = texts.get(row.getString(1));
              return new DuplicatePair(
                  own.getString(0),
                  own.getString(1),
                  own.getString(2),
                  survivor.getString(0),
                  survivor.getString(1),
                  survivor.getString(2),
                  row.getDouble(2));
            })
        .toList();
  }

  /**
   * One row a document with duplicates: doc_id, cluster_id, size of the cluster, and for those that
   * go survivor_id, similarity (null where it was not measured) and reason.
   */
  public Dataset<Row> annotations() {
    return clusters
        .join(
            outcome.removed().select("doc_id", "survivor_id", "similarity", "reason"),
            new String[] {"doc_id"},
            "left_outer")
        .select("doc_id", "cluster_id", "size", "survivor_id", "similarity", "reason");
  }

  /** Frees the intermediate tables. */
  @Override
  public void close() {
    workspace.close();
  }
}
