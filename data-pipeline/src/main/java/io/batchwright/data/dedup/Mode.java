package io.batchwright.data.dedup;

/** What a cluster of near-duplicates is. */
public enum Mode {
  /**
   * A document goes only if it is similar enough to a document that stays and comes before it in
   * the order of survival. Nothing is removed along a chain.
   */
  ANCHORED,
  /**
   * Connected components: what is linked, directly or by a chain, is one cluster of which one
   * document stays.
   */
  COMPONENTS
}
