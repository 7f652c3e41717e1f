package io.batchwright.data.dedup.index;

/** What became of the output that goes with a snapshot of the index. */
public enum OutputState {
  /** It stands, or nothing says that it does not. */
  PUBLISHED,
  /** A run is still writing it. */
  RUNNING,
  /** The run that wrote the snapshot ended before its output stood. */
  ABANDONED
}
