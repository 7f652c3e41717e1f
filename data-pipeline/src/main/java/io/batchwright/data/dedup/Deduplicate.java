package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The recipe of deduplication: which deduplicators, in which order, between which documents, and
 * who keeps its copy.
 *
 * <p>The order of survival is total: the source's place in {@code sourcePriority} (sources not
 * listed come after), then the higher quality score, then the longer text, then the lower doc_id.
 *
 * @param deduplicators applied in order; the cheap and exact first
 * @param scope between which documents duplicates are looked for
 * @param sourcePriority sources whose documents survive first, best first
 * @param qualityColumn a numeric column of the documents, the higher the better; empty for none.
 *     Documents without a score (null or NaN) come after those with one.
 * @param snapshotColumn the column that {@link Scope#PER_SNAPSHOT} goes by
 * @param output what the job dedup writes
 */
public record Deduplicate(
    List<Deduplicator> deduplicators,
    Scope scope,
    List<String> sourcePriority,
    String qualityColumn,
    String snapshotColumn,
    Output output)
    implements Serializable {
  /** Exact, then MinHash at 0.8, across all sources. */
  public static final Deduplicate DEFAULTS =
      new Deduplicate(List.of(ExactHash.PAPER, MinHashLsh.PAPER), Scope.GLOBAL, List.of());

  public Deduplicate {
    deduplicators = List.copyOf(deduplicators);
    sourcePriority = List.copyOf(sourcePriority);
    Check.that(!deduplicators.isEmpty(), "Deduplicate.deduplicators", "must name at least one");
    Check.that(scope != null, "Deduplicate.scope", "must be given");
    Check.that(
        sourcePriority.stream().distinct().count() == sourcePriority.size(),
        "Deduplicate.sourcePriority",
        "must name each source once, got " + sourcePriority);
    Check.that(qualityColumn != null, "Deduplicate.qualityColumn", "must be given; empty is none");
    Check.notBlank("Deduplicate.snapshotColumn", snapshotColumn);
    Check.that(output != null, "Deduplicate.output", "must be given");
  }

  /** Without quality scores, and with snapshots named by the column {@code snapshot}. */
  public Deduplicate(List<Deduplicator> deduplicators, Scope scope, List<String> sourcePriority) {
    this(deduplicators, scope, sourcePriority, "", "snapshot", Output.FILTER);
  }

  /** This recipe with other deduplicators. */
  public Deduplicate with(List<Deduplicator> others) {
    return new Deduplicate(others, scope, sourcePriority, qualityColumn, snapshotColumn, output);
  }

  /** This recipe in another scope. */
  public Deduplicate in(Scope other) {
    return new Deduplicate(
        deduplicators, other, sourcePriority, qualityColumn, snapshotColumn, output);
  }

  /** This recipe with another order of sources. */
  public Deduplicate preferring(List<String> sources) {
    return new Deduplicate(deduplicators, scope, sources, qualityColumn, snapshotColumn, output);
  }

  /** This recipe with quality scores from {@code column}. */
  public Deduplicate byQuality(String column) {
    return new Deduplicate(deduplicators, scope, sourcePriority, column, snapshotColumn, output);
  }

  /**
   * The deduplicators' reasons, in order; enters {@code removed} into {@code figures}, and 0 for
   * each reason, since one that found nothing is to be seen as well.
   */
  List<String> reasons(SortedMap<String, Long> figures, long removed) {
    List<String> reasons = deduplicators.stream().map(Deduplicator::reason).toList();
    reasons.forEach(reason -> figures.put("removed_" + reason, 0L));
    figures.put("removed", removed);
    return reasons;
  }

  /**
   * Finds what to remove from {@code documents} (doc_id, source, text, and any further columns).
   *
   * <p>The search runs now, reading the documents three times: pass a committed or persisted table.
   * The tables of the result are small and stay in memory until it is closed.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if a doc_id stands twice, a column is
   *     missing or of a wrong type, or a value in it is null
   */
  public Deduplication apply(Dataset<Row> documents) {
    return apply(documents, Sizes.ofThisHeap());
  }

  /**
   * As {@link #apply(Dataset)}, with other limits of what is done on the driver and in one task;
   * the result is the same.
   */
  public Deduplication apply(Dataset<Row> documents, Sizes sizes) {
    return DeduplicationRun.of(this, documents, sizes);
  }
}
