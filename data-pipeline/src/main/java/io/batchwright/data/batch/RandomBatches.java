package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
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
    return plan(EpochSamples.same(samples), range, BucketTurns.BY_NUMBER);
  }

  /** The same with buckets in other turns, and perhaps other samples each epoch. */
  EpochPlans plan(EpochSamples samples, EpochRange range, BucketTurns turns) {
    int from = range.from();
    long each = samples.count(from);
    int epochs = range.epochs(stepsOf(each));
    List<PlanKey> keys = new ArrayList<>();
    List<BucketSteps> steps = new ArrayList<>();
    long left = range.steps();
    for (int epoch = from; epoch < from + epochs; epoch++) {
      PlanKey key = new PlanKey(range.seed(), epoch);
      keys.add(key);
      steps.add(new BucketSteps(turns.counts(samples.counts().apply(epoch), key), this, key, left));
      left -= stepsOf(each);
    }
    JavaPairRDD<Candidate, Long> ranked = Candidate.shuffled(samples, keys, turns).zipWithIndex();
    JavaRDD<Row> rows = ranked.flatMap(entry -> row(entry, steps, from, each, turns, true));
    JavaRDD<Row> dropped = ranked.flatMap(entry -> row(entry, steps, from, each, turns, false));
    return new EpochPlans(
        Plan.rows(samples.rows(), rows),
        Plan.removed(samples.rows(), dropped),
        epochs,
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

  /** The steps that {@code samples} make, in whatever buckets. */
  long stepsOf(long samples) {
    return (dropLast ? samples : samples + pairsPerStep - 1) / pairsPerStep;
  }
}
