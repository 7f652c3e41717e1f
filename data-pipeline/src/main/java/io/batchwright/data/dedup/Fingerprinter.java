package io.batchwright.data.dedup;

/** Makes what a deduplicator compares of one text after another; one a task, not thread-safe. */
@FunctionalInterface
public interface Fingerprinter {
  /** The fingerprint of {@code text}, or null where there is nothing to compare. */
  byte[] of(String text);
}
