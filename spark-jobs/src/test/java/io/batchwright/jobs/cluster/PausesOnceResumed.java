package io.batchwright.jobs.cluster;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import org.apache.spark.BarrierTaskContext;

/** A {@link FaultyLoss} whose second attempt takes long enough for the first to wake up in it. */
record PausesOnceResumed(Fault fault, String after) implements CustomLoss {
  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    if (BarrierTaskContext.get().stageAttemptNumber() > 0) {
      try {
        Thread.sleep(30);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return new FaultyLoss(fault, after).apply(g, pairs);
  }
}
