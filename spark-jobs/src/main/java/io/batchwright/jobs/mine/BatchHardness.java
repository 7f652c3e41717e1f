package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How hard the negatives of random batches are: the share of other pairs' positives that stand
 * among the best candidates of a query and do not answer it, the mean over queries. Policies that
 * put like samples together aim higher.
 *
 * @param depth how many candidates of a query were looked at: {@value #TOP}, or as many as were
 *     kept; shares at other depths do not compare
 * @param share in [0, 1]; NaN where there are fewer than two pairs
 */
record BatchHardness(int depth, double share) {
  static final int TOP = 100;

  /**
   * Of random batches.
   *
   * @param judged candidates with {@code known_positive}
   * @param positives {@code query_id, doc_id} of the training pairs
   */
  static BatchHardness ofRandomBatches(Dataset<Row> judged, Dataset<Row> positives) {
    Row deepest = judged.agg(max("rank")).head();
    int depth = deepest.isNullAt(0) ? 0 : Math.min(TOP, deepest.getInt(0));
    long pairs = positives.count();
    if (pairs < 2) {
      return new BatchHardness(depth, Double.NaN);
    }
    Dataset<Row> uses = positives.groupBy("doc_id").count();
    Dataset<Row> met =
        judged
            .where(col("rank").leq(depth).and(col("known_positive").equalTo(false)))
            .join(uses, "doc_id")
            .groupBy("query_id")
            .agg(sum("count").divide(lit(pairs - 1.0)).as("share"));
    return new BatchHardness(
        depth,
        positives
            .select("query_id")
            .distinct()
            .join(met, new String[] {"query_id"}, "left")
            .agg(avg(coalesce(col("share"), lit(0.0))))
            .head()
            .getDouble(0));
  }
}
