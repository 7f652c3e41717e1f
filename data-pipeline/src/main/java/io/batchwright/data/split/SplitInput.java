package io.batchwright.data.split;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What is split: the result of deduplication and the queries that were made before it.
 *
 * @param documents the kept documents (doc_id, source, text)
 * @param sources the source of every document before deduplication (doc_id, source)
 * @param removed what any earlier stage removed ({@link io.batchwright.data.Tables#REMOVED})
 * @param clusters (doc_id, cluster_id) of every document with a duplicate
 * @param queries {@link io.batchwright.data.Tables#QUERIES}
 * @param qrels {@link io.batchwright.data.Tables#QRELS}, by the ids from before deduplication
 */
public record SplitInput(
    Dataset<Row> documents,
    Dataset<Row> sources,
    Dataset<Row> removed,
    Dataset<Row> clusters,
    Dataset<Row> queries,
    Dataset<Row> qrels) {}
