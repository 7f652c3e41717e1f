package io.batchwright.jobs.mine;

/** The shapes of {@code mine_hard_negatives} in sentence-transformers. */
public enum PairShape {
  /** {@code anchor, positive, negative}: a line for each positive and negative of a query. */
  TRIPLET,
  /** {@code anchor, positive, negative_1, ..., negative_n}: a line for each positive. */
  N_TUPLE,
  /**
   * {@code anchor, positive, label}: a line for each text, label 1 for answers and 0 for others.
   */
  LABELED_PAIR,
  /** {@code anchor, positive (a list), labels}: a line for each positive. */
  LABELED_LIST
}
