package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The recipe of deduplication: which deduplicators, in which order, between which documents, and
 * which source keeps its copy.
 *
 * @param deduplicators applied in order; the cheap and exact first
 * @param scope between which documents duplicates are looked for
 * @param sourcePriority sources whose documents survive first, best first; others come after, and
 *     within a source the longer text, then the lower doc_id
 */
public record Deduplicate(
    List<Deduplicator> deduplicators, Scope scope, List<String> sourcePriority)
    implements Serializable {
  /** Exact, then MinHash at 0.8, across all sources. */
  public static final Deduplicate DEFAULTS =
      new Deduplicate(List.of(ExactHash.PAPER, MinHashLsh.PAPER), Scope.GLOBAL, List.of());

  public Deduplicate {
    deduplicators = List.copyOf(deduplicators);
    sourcePriority = List.copyOf(sourcePriority);
    Check.that(!deduplicators.isEmpty(), "Deduplicate.deduplicators", "must name at least one");
    Check.that(scope != null, "Deduplicate.scope", "must be given");
  }

  /**
   * Finds what to remove from {@code documents} (doc_id, source, text, and any further columns).
   *
   * <p>The search runs now, reading the documents a few times: pass a committed or persisted table.
   * The tables of the result are small and stay in memory until it is closed.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if a doc_id stands twice
   */
  public Deduplication apply(Dataset<Row> documents) {
    return DeduplicationRun.of(this, documents);
  }
}
