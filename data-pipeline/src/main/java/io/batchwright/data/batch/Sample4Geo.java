package io.batchwright.data.batch;

import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.TopK;
import io.batchwright.data.search.VectorRows;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Dynamic similarity sampling: samples stand in a step with those whose positives are near their
 * query.
 *
 * <pre>
 * pool(i) = the samples of the poolSize positives most similar to query i, without i
 * for i in random order: if i is unused this epoch, put it into the step,
 *   then the nearest `near` of its pool and `far` drawn from the rest of it,
 *   each if it is unused and there is room; a full step is closed
 * </pre>
 *
 * <p>Samples that no full step takes are in no step of the epoch (reason {@code partial_step}). A
 * step spans all ranks.
 *
 * <p><b>Errors.</b> The samples need the columns {@code embedding} and {@code positive_embedding}.
 * The driver holds all vectors while it searches, and the pools.
 *
 * <p><b>Deviations from the paper.</b> The paper starts with pools by distance on the earth and
 * makes new ones by the model's similarity every four epochs. Here the first pools are by the
 * similarity of the table's vectors, whatever made them; without {@code batches.refresh} they hold
 * for all epochs, and with {@code refresh: {everyEpochs: 4}} the model's own vectors give new ones
 * as often as the paper's. Epochs that share vectors share the search for neighbours. The authors'
 * code leaves sample 0 out of every pool by mistake.
 *
 * <p><b>Relations.</b> {@link Ngame} clusters instead of looking for neighbours.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param poolSize neighbours of a sample that are looked at; at least 1
 * @param near of them, the nearest are taken; at least 0
 * @param far drawn from the others; at least 0
 */
@Paper(
    title = "Sample4Geo: Hard Negative Sampling For Cross-View Geo-Localisation",
    arxiv = "2303.11851",
    where = "Dynamic Similarity Sampling")
public record Sample4Geo(int pairsPerStep, int poolSize, int near, int far) implements BatchPolicy {
  /** 128 pairs a step, 32 near and 32 others of the 128 nearest. */
  public static final Sample4Geo PAPER = new Sample4Geo(128, 128, 32, 32);

  /** Checks the ranges. */
  public Sample4Geo {
    Check.atLeast("Sample4Geo.pairsPerStep", pairsPerStep, 1);
    Check.atLeast("Sample4Geo.poolSize", poolSize, 1);
    Check.atLeast("Sample4Geo.near", near, 0);
    Check.atLeast("Sample4Geo.far", far, 0);
    Check.that(
        near + far <= poolSize,
        "Sample4Geo.poolSize",
        "must be at least near + far = %d, got %d".formatted(near + far, poolSize));
  }

  @Override
  public Set<SampleColumn> needs() {
    return Set.of(SampleColumn.EMBEDDING, SampleColumn.POSITIVE_EMBEDDING);
  }

  /** Random batches. */
  @Override
  public BatchPolicy withoutVectors() {
    return new RandomBatches(pairsPerStep, true);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    return epochs(samples).apply(key);
  }

  /** Searches for neighbours once: they follow from the vectors alone. */
  @Override
  public Function<PlanKey, Plan> epochs(Dataset<Row> samples) {
    SampleColumn.EMBEDDING.require(samples, this);
    SampleColumn.POSITIVE_EMBEDDING.require(samples, this);
    HeldSamples held =
        HeldSamples.of(samples, SampleColumn.EMBEDDING, SampleColumn.POSITIVE_EMBEDDING);
    int[][] pools = pools(held.vectors(0), held.vectors(1));
    HeldSamples numbered = held.withoutColumns();
    return key -> numbered.plan(order(pools, key), pairsPerStep, true, Plan.PARTIAL_STEP, key);
  }

  /** The places of each sample's neighbours, nearest first. */
  private int[][] pools(float[][] queries, float[][] positives) {
    TopK.Best[] nearest;
    try (Backend backend = Backends.select("auto")) {
      nearest =
          ExactSearch.DEFAULTS.search(
              backend,
              VectorRows.of(queries),
              VectorRows.of(positives),
              Similarity.COSINE,
              poolSize + 1);
    }
    int[][] pools = new int[nearest.length][];
    Arrays.setAll(pools, i -> without(nearest[i].documents(), i));
    return pools;
  }

  /** Places of samples in the order of use, whole steps alone. */
  int[] order(int[][] pools, PlanKey key) {
    RandomStream shuffle = RandomStream.of(key.seed(), "batch.neighbours", key.epoch(), 0);
    boolean[] used = new boolean[pools.length];
    List<Integer> order = new ArrayList<>(pools.length);
    List<Integer> step = new ArrayList<>(pairsPerStep);
    for (int turn = 0; turn < pools.length; turn++) {
      int start = (int) shuffle.permutedIndex(turn, pools.length);
      if (used[start]) {
        continue;
      }
      boolean room = add(start, used, step, order);
      int[] neighbours = chosen(pools[start], key, start);
      for (int i = 0; room && i < neighbours.length; i++) {
        if (!used[neighbours[i]]) {
          room = add(neighbours[i], used, step, order);
        }
      }
    }
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Puts a sample into the step; returns whether it still has room, and closes it where not. */
  private boolean add(int sample, boolean[] used, List<Integer> step, List<Integer> order) {
    used[sample] = true;
    step.add(sample);
    if (step.size() < pairsPerStep) {
      return true;
    }
    order.addAll(step);
    step.clear();
    return false;
  }

  /** The nearest, then some of the others in random order. */
  private int[] chosen(int[] pool, PlanKey key, int sample) {
    int nearest = Math.min(near, pool.length);
    int others = Math.min(far, pool.length - nearest);
    RandomStream random = RandomStream.of(key.seed(), "batch.neighbours.far", key.epoch(), sample);
    IntStream far =
        IntStream.range(0, pool.length - nearest)
            .map(turn -> (int) random.permutedIndex(turn, pool.length - nearest))
            .limit(others)
            .map(place -> pool[nearest + place]);
    return IntStream.concat(Arrays.stream(pool, 0, nearest), far).toArray();
  }

  /** At most {@code poolSize} of {@code places} other than {@code own}. */
  private int[] without(int[] places, int own) {
    return Arrays.stream(places).filter(place -> place != own).limit(poolSize).toArray();
  }
}
