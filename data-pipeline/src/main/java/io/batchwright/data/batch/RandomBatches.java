package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

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
    Plan.requireBuckets(samples);
    BucketSteps steps = new BucketSteps(countByBucket(samples), this, key);
    JavaPairRDD<Candidate, Long> ranked = Candidate.shuffled(samples, key).zipWithIndex();
    JavaRDD<Row> rows =
        ranked
            .filter(entry -> steps.place(entry._1().bucket(), entry._2()) != null)
            .map(
                entry -> {
                  BucketSteps.Place place = steps.place(entry._1().bucket(), entry._2());
                  return Plan.row(
                      key.epoch(), place.step(), place.position(), entry._1(), place.shape());
                });
    JavaRDD<Row> dropped =
        ranked
            .filter(entry -> steps.place(entry._1().bucket(), entry._2()) == null)
            .map(entry -> RowFactory.create(entry._1().sample(), Plan.PARTIAL_STEP));
    return Plan.of(samples, rows, dropped);
  }

  static SortedMap<Integer, Long> countByBucket(Dataset<Row> samples) {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    List<Row> rows = samples.groupBy("bucket").count().collectAsList();
    rows.forEach(row -> counts.put(row.getInt(0), row.getLong(1)));
    return counts;
  }
}
