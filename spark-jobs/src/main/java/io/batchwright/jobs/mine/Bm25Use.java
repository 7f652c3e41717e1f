package io.batchwright.jobs.mine;

/** What BM25 does for {@code mine}. */
public enum Bm25Use {
  /** Nothing. */
  NONE,
  /** It finds the candidates, instead of embeddings. */
  MINER,
  /** It judges candidates that embeddings found, as a guide does. */
  GUIDE
}
