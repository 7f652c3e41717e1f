package io.batchwright.data.dedup;

import java.io.Serializable;

/**
 * Finds documents that repeat another one. The members are applied in the order of {@link
 * Deduplicate}; each sees only what the earlier ones left.
 */
public sealed interface Deduplicator extends Serializable
    permits ExactHash, MinHashLsh, CustomDeduplicator {

  /** What {@code removed.reason} says of its finds, such as {@code exact_duplicate}. */
  String reason();

  /**
   * Finds the duplicates among the documents of {@code search}.
   *
   * <p>A survivor is never itself a duplicate, and has the lowest ordinal of its cluster. The
   * result depends on the set of documents only: not on their order, their partitions, or adaptive
   * execution.
   */
  Duplicates find(DuplicateSearch search);
}
