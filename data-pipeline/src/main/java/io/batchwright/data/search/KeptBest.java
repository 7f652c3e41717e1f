package io.batchwright.data.search;

import io.batchwright.tensor.Tensor;

/** The best documents of each query while tiles of scores stream by, documents ascending. */
interface KeptBest {

  /**
   * Offers a tile.
   *
   * @param scores [Tq, Td]
   * @param firstQuery of the tile; rows past the last query do not count
   * @param firstDocument ordinal of the tile's first document
   * @param documentCount columns that count
   */
  void offer(Tensor scores, int firstQuery, int firstDocument, int documentCount);

  /** What was kept of each query. Called once. */
  TopK.Best[] best();
}
