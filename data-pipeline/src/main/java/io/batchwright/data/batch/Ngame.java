package io.batchwright.data.batch;

import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.cluster.Clusters;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Steps of whole clusters, small at first and twice as large from some epochs on: easy batches
 * become hard ones.
 *
 * <p>The queries' vectors are clustered by {@link BalancedTwoMeans} into clusters of {@code
 * firstSize * 2^(doublings so far)} samples; the clusters in random order, one after the other, are
 * cut into steps. The border of a step may cut a cluster. A step spans all ranks. {@link #sizes}
 * says how large clusters really are, since their number is a power of two.
 *
 * <p><b>Errors.</b> The samples need the column {@code embedding}. The driver holds all vectors.
 *
 * <p><b>Deviations from the paper.</b> The paper clusters vectors that training wrote down on its
 * way, anew every five epochs, and uses them an epoch later; here the vectors are those of the
 * table, which {@code batches.refresh} makes anew, from such a memory bank too, and vectors and a
 * new size hold at once. The incomplete last step is kept or dropped as {@code dropLast} says.
 *
 * <p><b>Relations.</b> With clusters of one sample these are random batches. The loss {@code
 * NgameTriplet} is made for them.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param firstSize samples of a cluster in the first epoch; at least 1
 * @param doublingEpochs epochs from which on clusters are twice as large, ascending
 * @param dropLast whether the last incomplete step is dropped (reason {@code partial_step})
 */
@Paper(
    title = "NGAME: Negative Mining-aware Mini-batching for Extreme Classification",
    arxiv = "2207.04452",
    where = "Algorithm 1, with the schedule of the authors' configuration")
public record Ngame(int pairsPerStep, int firstSize, List<Integer> doublingEpochs, boolean dropLast)
    implements BatchPolicy {
  /** The authors' configuration for LF-AmazonTitles-131K, made for 300 epochs. */
  public static final Ngame PAPER =
      new Ngame(1_600, 1, List.of(10, 20, 25, 50, 75, 100, 125, 150, 200), false);

  /** Checks the ranges. */
  public Ngame {
    doublingEpochs = List.copyOf(doublingEpochs);
    Check.atLeast("Ngame.pairsPerStep", pairsPerStep, 1);
    Check.atLeast("Ngame.firstSize", firstSize, 1);
    for (int i = 0; i < doublingEpochs.size(); i++) {
      Check.that(
          doublingEpochs.get(i) > (i == 0 ? 0 : doublingEpochs.get(i - 1)),
          "Ngame.doublingEpochs",
          "must ascend from 1 or more, got " + doublingEpochs);
    }
  }

  /**
   * The clusters of an epoch.
   *
   * @param nominal samples of a cluster, as the schedule has it
   * @param clusters their number
   * @param mean samples of a cluster, really
   */
  public record Sizes(long nominal, int clusters, double mean) {}

  /** How large clusters are in {@code epoch}. */
  public Sizes sizes(int samples, int epoch) {
    long nominal = firstSize;
    for (int doubling : doublingEpochs) {
      nominal = epoch >= doubling ? Math.min(2 * nominal, Integer.MAX_VALUE) : nominal;
    }
    int clusters = BalancedTwoMeans.clustersFor(samples, (int) nominal);
    return new Sizes(nominal, clusters, (double) samples / Math.max(1, clusters));
  }

  /** How large clusters really are on the mean, in the first epoch and in the last. */
  @Override
  public Map<String, Double> figures(int samples, int epochs) {
    return Map.of(
        "ngame_cluster_size_first",
        sizes(samples, 0).mean(),
        "ngame_cluster_size_last",
        sizes(samples, epochs - 1).mean());
  }

  @Override
  public Set<SampleColumn> needs() {
    return Set.of(SampleColumn.EMBEDDING);
  }

  /** Random batches. */
  @Override
  public BatchPolicy withoutVectors() {
    return new RandomBatches(pairsPerStep, dropLast);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    return epochs(samples).apply(key);
  }

  /** Reads the vectors once; the clusters are each epoch's own. */
  @Override
  public Function<PlanKey, Plan> epochs(Dataset<Row> samples) {
    SampleColumn.EMBEDDING.require(samples, this);
    HeldSamples held = HeldSamples.of(samples, SampleColumn.EMBEDDING);
    return key -> plan(held, key);
  }

  private Plan plan(HeldSamples held, PlanKey key) {
    int count = held.count();
    Sizes sizes = sizes(count, key.epoch());
    Clusters clusters =
        sizes.clusters() == count
            ? new Clusters(
                IntStream.range(0, count).toArray(), IntStream.rangeClosed(0, count).toArray())
            : BalancedTwoMeans.PAPER.cluster(
                held.vectors(0), sizes.clusters(), key.seed(), key.epoch());
    RandomStream random = RandomStream.of(key.seed(), "batch.clusters", key.epoch(), 0);
    int[] order =
        IntStream.range(0, clusters.count())
            .map(turn -> (int) random.permutedIndex(turn, clusters.count()))
            .flatMap(cluster -> Arrays.stream(clusters.of(cluster)))
            .toArray();
    return held.plan(order, pairsPerStep, dropLast, Plan.PARTIAL_STEP, key);
  }
}
