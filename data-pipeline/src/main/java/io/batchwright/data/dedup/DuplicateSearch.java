package io.batchwright.data.dedup;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a deduplicator looks at.
 *
 * @param documents all documents (doc_id, source, text)
 * @param roster the documents still in play (doc_id, source, ordinal): ordinals follow the total
 *     order of {@link Roster}, so the lower of two ordinals is the better survivor
 * @param scope between which documents to look
 * @param workspace keeps intermediate tables until the result is closed
 */
public record DuplicateSearch(
    Dataset<Row> documents, Dataset<Row> roster, Scope scope, Workspace workspace) {}
