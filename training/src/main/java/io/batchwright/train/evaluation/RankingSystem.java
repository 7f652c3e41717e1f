package io.batchwright.train.evaluation;

import java.io.IOException;

/** Something that answers a task's queries with ranked documents. */
@FunctionalInterface
public interface RankingSystem {
  /**
   * Ranks for every query.
   *
   * @param depth how many documents a query gets at most
   */
  Rankings rank(RetrievalTask task, int depth) throws IOException;
}
