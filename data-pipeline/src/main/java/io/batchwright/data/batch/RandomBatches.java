package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.Tuple2;

/**
 * Each bucket shuffled and cut into steps; what is left of the buckets fills mixed steps; the steps
 * in random order.
 *
 * <p>Which samples the last incomplete step loses is drawn anew each epoch, over all buckets.
 *
 * <p>Relations: {@link NoDuplicates} also keeps equal queries and equal positives apart.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param dropLast whether the last incomplete step is dropped (reason {@code partial_step})
 */
@Paper(
    title = "Learning Deep Structured Semantic Models for Web Search using Clickthrough Data",
    where = "in-batch negatives as in Section 4 of 1705.00652; buckets as lhotse draws them")
public record RandomBatches(int pairsPerStep, boolean dropLast) implements BatchPolicy {
  /** 1,024 pairs a step. */
  public static final RandomBatches PAPER = new RandomBatches(1_024, true);

  /** Checks the ranges. */
  public RandomBatches {
    Check.atLeast("RandomBatches.pairsPerStep", pairsPerStep, 1);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    return plan(samples, EpochRange.of(key)).asPlan();
  }

  /** All epochs by one sort. */
  @Override
  public EpochPlans plan(Dataset<Row> samples, EpochRange range) {
    Plan.requireBuckets(samples);
    return plan(samples, range, countByBucket(samples), BucketTurns.BY_NUMBER);
  }

  /**
   * The same with buckets in other turns.
   *
   * @param counts samples of each bucket
   */
  EpochPlans plan(
      Dataset<Row> samples, EpochRange range, SortedMap<Integer, Long> counts, BucketTurns turns) {
    List<PlanKey> keys = new ArrayList<>();
    List<BucketSteps> steps = new ArrayList<>();
    long left = range.steps();
    for (int epoch = range.from(); epoch < range.to() && left > 0; epoch++) {
      PlanKey key = new PlanKey(range.seed(), epoch);
      BucketSteps all = new BucketSteps(turns.counts(counts, key), this, key, left);
      keys.add(key);
      steps.add(all);
      left = range.after(left, all.steps());
    }
    long each = counts.values().stream().mapToLong(Long::longValue).sum();
    int from = range.from();
    JavaPairRDD<Candidate, Long> ranked = Candidate.shuffled(samples, keys, turns).zipWithIndex();
    JavaRDD<Row> rows = ranked.flatMap(entry -> row(entry, steps, from, each, turns, true));
    JavaRDD<Row> dropped = ranked.flatMap(entry -> row(entry, steps, from, each, turns, false));
    return new EpochPlans(
        Plan.rows(samples, rows),
        Plan.removed(samples, dropped),
        keys.size(),
        steps.stream().mapToLong(BucketSteps::keptSteps).sum());
  }

  /**
   * The row of a sample in an epoch, if it is of the kind that is wanted.
   *
   * @param entry the sample and its rank among those of all epochs
   * @param each samples of an epoch
   * @param planned whether rows of the plan are wanted, or {@code sample, reason} of samples in no
   *     step
   */
  private static Iterator<Row> row(
      Tuple2<Candidate, Long> entry,
      List<BucketSteps> steps,
      int from,
      long each,
      BucketTurns turns,
      boolean planned) {
    Candidate sample = entry._1();
    int epoch = sample.epoch() - from;
    BucketSteps ofEpoch = steps.get(epoch);
    BucketSteps.Place place = ofEpoch.place(sample.bucket(), entry._2() - epoch * each);
    boolean dropped = place == null || place.step() >= ofEpoch.keptSteps();
    if (dropped == planned) {
      return Collections.emptyIterator();
    }
    Row row =
        planned
            ? Plan.row(
                place.step(),
                place.position(),
                sample,
                place.shape() == Plan.MIXED ? Plan.MIXED : turns.shape(place.shape()))
            : RowFactory.create(
                sample.sample(), place == null ? Plan.PARTIAL_STEP : EpochPlans.MAXIMUM_STEPS);
    return List.of(row).iterator();
  }

  static SortedMap<Integer, Long> countByBucket(Dataset<Row> samples) {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    List<Row> rows = samples.groupBy("bucket").count().collectAsList();
    rows.forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
    return counts;
  }
}
