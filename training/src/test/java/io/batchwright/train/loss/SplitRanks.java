package io.batchwright.train.loss;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;

/** Plays several ranks in one graph: slices are local, their concatenation is what was gathered. */
final class SplitRanks {
  private SplitRanks() {}

  /** The sum over ranks of their shares of the loss. */
  static Variable loss(Graph g, Loss loss, EmbeddingPairs whole, int... rowsOfRanks) {
    List<Variable> queries = new ArrayList<>();
    List<Variable> positives = new ArrayList<>();
    int from = 0;
    for (int rows : rowsOfRanks) {
      queries.add(g.sliceRows(whole.queries(), from, from + rows));
      positives.add(g.sliceRows(whole.positives(), from, from + rows));
      from += rows;
    }
    GatheredPairs gathered =
        new GatheredPairs(
            g.concatRows(queries),
            g.concatRows(positives),
            whole.gathered().positiveIds(),
            whole.gathered().equalHashes(),
            whole.gathered().answers(),
            whole.gathered().negatives(),
            whole.gathered().teaching());
    Variable sum = null;
    int offset = 0;
    for (int rank = 0; rank < rowsOfRanks.length; rank++) {
      EmbeddingPairs pairs =
          new EmbeddingPairs(queries.get(rank), positives.get(rank), offset, gathered);
      Variable share = loss.apply(g, pairs);
      sum = sum == null ? share : g.add(sum, share);
      offset += rowsOfRanks[rank];
    }
    return sum;
  }
}
