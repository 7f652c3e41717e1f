package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Topic-aware sampling: a step holds queries of one cluster.
 *
 * <p>Each cluster, shuffled, fills as many whole steps as it can. What is left of all clusters,
 * cluster after cluster in random order, fills further steps, so that a cluster smaller than a step
 * stands beside few others. The steps come in random order. A step spans all ranks.
 *
 * <p><b>Errors.</b> The samples need the column {@code cluster}: clusters of their queries' vectors
 * by a model trained before, made once.
 *
 * <p><b>Deviations from the paper.</b> The paper draws a cluster for each batch with replacement
 * and never ends an epoch; here each sample is used once an epoch, and the number of steps is
 * exact.
 *
 * <p><b>Relations.</b> {@link Ngame} has clusters of equal size that grow, {@link RandomBatches} is
 * the same with length buckets for clusters. With {@code samePositiveMask} off such batches look
 * worse than random ones: a step then holds many copies of a positive.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param dropLast whether the last incomplete step is dropped (reason {@code partial_step})
 */
@Paper(
    title = "Efficiently Teaching an Effective Dense Retriever with Balanced Topic Aware Sampling",
    arxiv = "2104.06967",
    where = "TAS, one cluster a batch")
public record Tas(int pairsPerStep, boolean dropLast) implements BatchPolicy {
  /** 256 pairs a step, as the published model. */
  public static final Tas PAPER = new Tas(256, true);

  /** Checks the ranges. */
  public Tas {
    Check.atLeast("Tas.pairsPerStep", pairsPerStep, 1);
  }

  @Override
  public Set<SampleColumn> needs() {
    return Set.of(SampleColumn.CLUSTER);
  }

  /** Random batches. */
  @Override
  public BatchPolicy withoutVectors() {
    return random();
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    return plan(samples, EpochRange.of(key)).asPlan();
  }

  /** All epochs by one sort. */
  @Override
  public EpochPlans plan(Dataset<Row> samples, EpochRange range) {
    SampleColumn.CLUSTER.require(samples, this);
    return plan(EpochSamples.same(byCluster(samples)), range, clusters(samples));
  }

  /**
   * The same, perhaps with other samples each epoch.
   *
   * @param samples by their clusters
   * @param clusters above all their numbers
   */
  EpochPlans plan(EpochSamples samples, EpochRange range, long clusters) {
    return random().plan(samples, range, new ShuffledClusters(clusters));
  }

  /** The same steps of whatever clusters. */
  RandomBatches random() {
    return new RandomBatches(pairsPerStep, dropLast);
  }

  /** How many clusters there are, going by the greatest number. */
  static long clusters(Dataset<Row> samples) {
    return samples.agg(coalesce(max("cluster"), lit(0))).head().getInt(0) + 1L;
  }

  /** Samples whose buckets are their clusters. */
  static Dataset<Row> byCluster(Dataset<Row> samples) {
    return samples.withColumn("bucket", col("cluster"));
  }

  /** Clusters in random order; a step's shape says nothing, since lengths are mixed. */
  private record ShuffledClusters(long clusters) implements BucketTurns {
    @Override
    public IntUnaryOperator in(PlanKey key) {
      RandomStream order = RandomStream.of(key.seed(), "batch.clusters", key.epoch(), 0);
      return cluster -> (int) order.permutedIndex(cluster, clusters);
    }

    @Override
    public int shape(int turn) {
      return Plan.MIXED;
    }
  }
}
