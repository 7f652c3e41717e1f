package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.batchwright.data.batch.BatchPolicy;
import io.batchwright.data.batch.Plan;
import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.ledger.Removed;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The plans of the epochs that a recipe asks for, one under the other, cut where {@code
 * batches.maximumSteps} says.
 *
 * @param rows of all epochs, as {@link Plan#rows()}
 * @param removed of all epochs, as {@link Plan#removed()}; samples beyond the cut have the reason
 *     {@value #MAXIMUM_STEPS}
 * @param epochs that have a step
 */
record EpochPlans(Dataset<Row> rows, Dataset<Row> removed, int epochs) {
  /** The reason of a sample whose step is beyond the last that is wanted. */
  static final String MAXIMUM_STEPS = "maximum_steps";

  /**
   * Plans epochs.
   *
   * @param policy which may be another than the recipe's, for want of vectors
   * @param from the first epoch
   * @param to the end, exclusive
   * @param before steps of the epochs before {@code from}
   */
  static EpochPlans of(
      Dataset<Row> samples,
      PipelineRecipe recipe,
      BatchPolicy policy,
      int from,
      int to,
      long before) {
    int maximum = recipe.batches().maximumSteps();
    long left = maximum == 0 ? Long.MAX_VALUE : maximum - before;
    EpochPlans all = null;
    Function<PlanKey, Plan> plans = policy.epochs(samples);
    for (int epoch = from; epoch < to && left > 0; epoch++) {
      EpochPlans next = epoch(plans.apply(new PlanKey(recipe.seed(), epoch)), samples, left);
      all = all == null ? next : all.then(next);
      long steps = maximum == 0 ? 0 : steps(next.rows);
      left = maximum > 0 && steps == 0 ? 0 : left - steps;
    }
    return all;
  }

  private static EpochPlans epoch(Plan plan, Dataset<Row> samples, long maximum) {
    if (maximum == Long.MAX_VALUE) {
      return new EpochPlans(plan.rows(), plan.removed(), 1);
    }
    Dataset<Row> rows = plan.rows();
    Dataset<Row> cut =
        rows.where(col("step").geq(maximum))
            .join(samples.select("sample", "sample_id", "source"), "sample")
            .select(Removed.columns(col("sample_id"), PlanStage.NAME, lit(MAXIMUM_STEPS)));
    return new EpochPlans(rows.where(col("step").lt(maximum)), plan.removed().union(cut), 1);
  }

  private static long steps(Dataset<Row> epoch) {
    Row last = epoch.agg(max("step")).head();
    return last.isNullAt(0) ? 0 : last.getLong(0) + 1;
  }

  private EpochPlans then(EpochPlans next) {
    return new EpochPlans(rows.union(next.rows), removed.union(next.removed), epochs + next.epochs);
  }
}
