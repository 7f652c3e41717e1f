package io.batchwright.data.split;

import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.ledger.Outcome;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The split corpus; close it once its tables are committed.
 *
 * @param queries every query with its {@code split}: train, validation, held_out or excluded
 * @param qrels by surviving documents, of the queries that are not excluded; an evaluation query
 *     has every document that a query of the same normalised text has
 * @param outcome the queries as rows of a ledger: kept are those not excluded; removed rows carry
 *     the query_id as {@code doc_id}, the reason, and for a merged pair the query it went into as
 *     {@code survivor_id}
 * @param documents (doc_id, split) of every kept document: train, held_out or excluded
 * @param leaks what the check found
 * @param figures counts by name: train, validation, held_out, and each reason
 * @param workspace holds the intermediate tables
 */
public record Split(
    Dataset<Row> queries,
    Dataset<Row> qrels,
    Outcome outcome,
    Dataset<Row> documents,
    LeakReport leaks,
    SortedMap<String, Long> figures,
    Workspace workspace)
    implements AutoCloseable {

  public Split {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }

  /** Frees the intermediate tables. */
  @Override
  public void close() {
    workspace.close();
  }
}
