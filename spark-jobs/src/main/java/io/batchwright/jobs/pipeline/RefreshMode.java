package io.batchwright.jobs.pipeline;

/** When batches follow the model that trains on them. */
public enum RefreshMode {
  /** Never: all epochs are planned before training. */
  NONE,
  /** Training stops before an epoch, and its batches are made with the weights of that moment. */
  SYNCHRONOUS,
  /**
   * The batches of an epoch are made while the epoch before it trains, with the weights that it
   * began with.
   */
  ASYNCHRONOUS
}
