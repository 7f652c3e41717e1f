package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.RandomBatches;
import io.batchwright.data.bucket.Bucketing;
import io.batchwright.data.bucket.LengthBuckets;
import io.batchwright.data.mixture.Mixture;
import io.batchwright.data.mixture.Proportional;
import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * How samples become batches.
 *
 * @param mixture how much of an epoch each source gives; but for {@code Proportional} an epoch is
 *     shorter than the samples, and none comes twice in it
 * @param bucketing which samples may share a batch
 * @param policy which of them do
 * @param negatives mined negatives of the samples, and guides and teachers of the loss
 * @param clusters vectors and clusters of the samples, for policies that look at them
 * @param refresh whether vectors and negatives follow the model while it trains
 * @param lanes files that each epoch is cut into, at least the number of ranks; 0: as many as ranks
 * @param maximumSteps steps of all epochs at most: the plan is cut there, and later epochs are not
 *     planned; 0: all
 */
public record BatchesRecipe(
    Mixture mixture,
    Bucketing bucketing,
    BatchPolicy policy,
    NegativesRecipe negatives,
    ClustersRecipe clusters,
    RefreshRecipe refresh,
    int lanes,
    int maximumSteps)
    implements Serializable {
  /** Random batches within length buckets, of the sources as they are. */
  public static final BatchesRecipe DEFAULTS =
      new BatchesRecipe(
          Proportional.PAPER,
          LengthBuckets.PAPER,
          RandomBatches.PAPER,
          NegativesRecipe.DEFAULTS,
          ClustersRecipe.DEFAULTS,
          RefreshRecipe.DEFAULTS,
          0,
          0);

  public BatchesRecipe {
    Check.atLeast("BatchesRecipe.lanes", lanes, 0);
    Check.atLeast("BatchesRecipe.maximumSteps", maximumSteps, 0);
  }
}
