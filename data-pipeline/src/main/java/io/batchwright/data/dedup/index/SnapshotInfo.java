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
 * @param pending whether that folder was still to be written when this was last looked at
 */
public record SnapshotInfo(
    String name,
    String content,
    long documents,
    long survivors,
    long erased,
    long generation,
    String output,
    boolean pending) {

  /** Documents that were removed as duplicates. */
  public long removed() {
    return documents - survivors - erased;
  }

  /** The same, whose output stands. */
  SnapshotInfo settled() {
    return new SnapshotInfo(name, content, documents, survivors, erased, generation, output, false);
  }
}
