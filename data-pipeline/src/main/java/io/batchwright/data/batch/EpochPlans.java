package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.ledger.Removed;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The plans of an {@link EpochRange}, one under the other, not yet written.
 *
 * @param rows of all epochs, as {@link Plan#rows()}
 * @param removed of all epochs, as {@link Plan#removed()}; samples beyond the range's steps have
 *     the reason {@value #MAXIMUM_STEPS}
 * @param epochs that are planned: no more than have a step of the range, but one at least
 * @param steps of all epochs
 */
public record EpochPlans(Dataset<Row> rows, Dataset<Row> removed, int epochs, long steps) {
  /** The reason of a sample whose step is beyond the last that is wanted. */
  public static final String MAXIMUM_STEPS = "maximum_steps";

  /** Plans epoch after epoch. */
  static EpochPlans oneByOne(
      Function<PlanKey, Plan> plans, Dataset<Row> samples, EpochRange range) {
    EpochPlans all = null;
    long left = range.steps();
    for (int epoch = range.from(); epoch < range.to() && left > 0; epoch++) {
      Plan plan = plans.apply(new PlanKey(range.seed(), epoch));
      EpochPlans next = cut(plan, samples, left);
      all = all == null ? next : all.then(next);
      left = range.after(left, plan.steps());
    }
    return all;
  }

  /** The plan of the only epoch. */
  Plan asPlan() {
    return new Plan(rows, removed, steps);
  }

  private static EpochPlans cut(Plan plan, Dataset<Row> samples, long maximum) {
    if (plan.steps() <= maximum) {
      return new EpochPlans(plan.rows(), plan.removed(), 1, plan.steps());
    }
    Dataset<Row> beyond =
        plan.rows()
            .where(col("step").geq(maximum))
            .join(samples.select("sample", "sample_id", "source"), "sample")
            .select(Removed.columns(col("sample_id"), Plan.NAME, lit(MAXIMUM_STEPS)));
    return new EpochPlans(
        plan.rows().where(col("step").lt(maximum)), plan.removed().union(beyond), 1, maximum);
  }

  private EpochPlans then(EpochPlans next) {
    return new EpochPlans(
        rows.union(next.rows),
        removed.union(next.removed),
        epochs + next.epochs,
        steps + next.steps);
  }
}
