package io.batchwright.jobs.pipeline;

/** Where the vectors of a refresh come from. */
public enum RefreshVectors {
  /** The texts are encoded with the weights of the refresh. */
  ENCODER,
  /**
   * Training keeps the vectors that queries have in its own steps, as NGAME does: nothing is
   * encoded for the refresh, and a vector is as old as its step, at most about an epoch.
   */
  BANK
}
