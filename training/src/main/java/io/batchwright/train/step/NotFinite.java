package io.batchwright.train.step;

/** What a step does when the loss or a gradient is not a finite number. */
public enum NotFinite {
  /** Training ends with a message; nothing is updated. */
  FAIL,
  /** The update is left out and counted, and training goes on. */
  SKIP
}
