package io.batchwright.jobs.pipeline;

/** Where the vectors of a refresh come from. */
public enum RefreshVectors {
  /** The texts are encoded with the weights of the refresh. */
  ENCODER,
  /**
   * Training keeps the vectors that queries have in its own steps, as NGAME does: nothing is
   * encoded for the refresh, and a vector is as old as its step, at most about an epoch.
   */
  BANK,
  /**
   * The vectors of {@link #BANK}, each under another query: the control of an experiment. Batches
   * are made of it with the same work, and mean nothing.
   */
  PERMUTED_BANK
}
