package io.batchwright.data.dedup;

/** Between which documents duplicates are looked for. */
public enum Scope {
  /** Anywhere in the corpus. */
  GLOBAL,
  /** Inside each source only; equal texts of two sources both stay. */
  PER_SOURCE,
  /** Inside each snapshot (a crawl, a day) only; equal texts of two snapshots both stay. */
  PER_SNAPSHOT,
  /** Between different sources only; equal texts of one source all stay. */
  ACROSS_SOURCES
}
