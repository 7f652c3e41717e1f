package io.batchwright.data.dedup;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a deduplicator looks at.
 *
 * @param documents all documents (doc_id, source, text); reading texts again is what costs most
 * @param roster the documents still in play: the columns of {@link Fingerprints} with {@code print}
 *     as the searching member made it. The lower of two ordinals is the better survivor; documents
 *     of different {@code part} are never compared.
 * @param total the documents of the whole corpus; ordinals are below it
 * @param scope between which documents to look; in {@link Scope#ACROSS_SOURCES} documents of equal
 *     {@code origin} must not stand for each other
 * @param sizes where to change from what is quickest for few rows to what works for any number
 * @param workspace keeps intermediate tables until the result is closed
 */
public record DuplicateSearch(
    Dataset<Row> documents,
    Dataset<Row> roster,
    long total,
    Scope scope,
    Sizes sizes,
    Workspace workspace) {}
