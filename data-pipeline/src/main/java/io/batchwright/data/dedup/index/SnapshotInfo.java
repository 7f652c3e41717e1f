package io.batchwright.data.dedup.index;

/**
 * One snapshot of an index.
 *
 * @param name its name, such as a date
 * @param content the canonical hash of its documents' ids, sources and texts as they came in; empty
 *     after an erasure, so that the same input counts as another one
 * @param documents documents that came in
 * @param survivors documents that entered the index
 * @param erased documents that were erased since
 * @param generation the commit that wrote it
 * @param output the folder of the run that wrote it, which holds its documents
 */
public record SnapshotInfo(
    String name,
    String content,
    long documents,
    long survivors,
    long erased,
    long generation,
    String output) {

  /** Documents that were removed as duplicates. */
  public long removed() {
    return documents - survivors - erased;
  }
}
