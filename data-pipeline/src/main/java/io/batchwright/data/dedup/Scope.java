package io.batchwright.data.dedup;

/** Between which documents duplicates are looked for. */
public enum Scope {
  /** Anywhere in the corpus. */
  GLOBAL,
  /** Inside each source only; equal texts of two sources both stay. */
  PER_SOURCE
}
