package io.batchwright.jobs.cluster;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;

/**
 * InfoNCE that takes its time, so that there is something to interrupt.
 *
 * @param millis of each step
 */
record PacedLoss(long millis) implements CustomLoss {
  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return InfoNce.PAPER.apply(g, pairs);
  }
}
