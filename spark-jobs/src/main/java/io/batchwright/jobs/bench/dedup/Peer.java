package io.batchwright.jobs.bench.dedup;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Another way to deduplicate, measured beside ours. */
@FunctionalInterface
interface Peer {
  /** The doc_ids to remove from {@code documents} (doc_id, source, text); lazy or not. */
  Dataset<Row> removed(Dataset<Row> documents);
}
