package io.batchwright.data.dedup;

/** What the job {@code dedup} writes; {@link Deduplicate#apply} finds both. */
public enum Output {
  /** The documents that stay. */
  FILTER,
  /**
   * No document: for each that has duplicates its id, cluster, survivor, similarity and reason. A
   * large corpus is not rewritten to learn what would go.
   */
  ANNOTATE
}
