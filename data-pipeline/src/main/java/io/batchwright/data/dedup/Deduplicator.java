package io.batchwright.data.dedup;

import java.io.Serializable;
import java.util.List;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds documents that repeat another one. The members are applied in the order of {@link
 * Deduplicate}; each sees only what the earlier ones left.
 */
public sealed interface Deduplicator extends Serializable
    permits ExactHash, MinHashLsh, CustomDeduplicator {

  /** What {@code removed.reason} says of its finds, such as {@code exact_duplicate}. */
  String reason();

  /**
   * Makes this member's fingerprints, which are taken in the one pass over all texts and stand in
   * {@code print} of {@link DuplicateSearch#roster}. Called once a task.
   */
  default Fingerprinter fingerprinter() {
    return text -> null;
  }

  /**
   * The buckets that a fingerprint puts its document into: documents that share none are never
   * compared. One, of equal fingerprints, unless a member says otherwise.
   *
   * @param print what {@link #fingerprinter} made, not null
   */
  default long[] buckets(byte[] print) {
    return new long[] {LongHashFunction.xx3().hashBytes(print)};
  }

  /**
   * Whether documents that stand for each other stand for each other's duplicates too, as equal
   * texts do and similar ones do not. Where they do not, no later member may remove a document that
   * another one's removal rests on.
   */
  default boolean transitive() {
    return false;
  }

  /**
   * Finds the duplicates among the documents of {@code search}.
   *
   * <p>A survivor is never itself a duplicate, and has a lower ordinal than what it stands for. The
   * result depends on the set of documents only: not on their order, their partitions, or adaptive
   * execution.
   */
  Duplicates find(DuplicateSearch search);

  /**
   * Applies this member alone, between all documents:
   *
   * <pre>{@code
   * Dataset<Row> kept = MinHashLsh.PAPER.apply(documents).outcome().kept(); // Java
   * val kept = MinHashLsh.PAPER(documents).outcome.kept                     // Scala
   * }</pre>
   *
   * @param documents as {@link Deduplicate#apply(Dataset)} takes them
   */
  default Deduplication apply(Dataset<Row> documents) {
    return Deduplicate.DEFAULTS.with(List.of(this)).apply(documents);
  }
}
