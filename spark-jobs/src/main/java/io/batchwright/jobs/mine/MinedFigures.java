package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.negative.GuideDisagreement;
import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.data.negative.TopKPercPos;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What mining found, before anything is trained on it.
 *
 * <p>Shares are of the candidates that were looked at and are not known to answer.
 *
 * @param closeShare of candidates that score above 95 % of the positive: most of them are answers
 *     that nobody labelled
 * @param guideShare of candidates that the guide likes more than the positive; NaN without a guide
 * @param copyShare of candidates with the text of an answer
 * @param complete share of queries with as many negatives as asked for
 * @param meanMargin of negatives: score of the worst positive minus theirs
 * @param hardness of random batches, see {@link BatchHardness}
 * @param candidateMargins how many candidates have a margin in each tenth of [-1, 1]
 * @param negativeMargins the same of the chosen negatives
 * @param balance of the negatives' margins, by the guide where there is one
 */
record MinedFigures(
    double closeShare,
    double guideShare,
    double copyShare,
    double complete,
    double meanMargin,
    BatchHardness hardness,
    long[] candidateMargins,
    long[] negativeMargins,
    MarginBalance balance) {

  static final int BINS = 20;

  /**
   * Measures.
   *
   * @param decided candidates with what became of them
   * @param pairs the table of mined pairs
   * @param positives {@code query_id, doc_id} of the training pairs
   */
  static MinedFigures of(
      Dataset<Row> decided,
      Dataset<Row> pairs,
      Dataset<Row> positives,
      boolean guided,
      int perQuery) {
    Dataset<Row> looked =
        decided
            .where(not(col("known_positive")))
            .where(
                col("reason").isNull().or(col("reason").notEqual(NegativeSelection.BEYOND_RANGE)));
    Row shares =
        looked
            .agg(
                avg(indicator(TopKPercPos.PAPER.excludes())),
                avg(indicator(GuideDisagreement.PAPER.excludes())),
                avg(indicator(col("same_answer"))),
                avg(when(col("reason").isNull(), col("positive_score").minus(col("score")))))
            .head();
    Row complete = pairs.agg(avg(indicator(size(col("negatives")).equalTo(perQuery)))).head();
    return new MinedFigures(
        value(shares, 0),
        guided ? value(shares, 1) : Double.NaN,
        value(shares, 2),
        value(complete, 0),
        value(shares, 3),
        BatchHardness.ofRandomBatches(decided, positives),
        histogram(looked),
        histogram(looked.where(col("reason").isNull())),
        MarginBalance.of(decided, guided));
  }

  Map<String, Double> metrics() {
    Map<String, Double> metrics = new TreeMap<>();
    metrics.put("mine_close_to_positive_share", closeShare);
    metrics.put("mine_guide_disagrees_share", guideShare);
    metrics.put("mine_same_answer_share", copyShare);
    metrics.put("mine_complete_share", complete);
    metrics.put("mine_mean_margin", meanMargin);
    metrics.put("mine_random_batch_hardness", hardness.share());
    metrics.put("mine_random_batch_hardness_depth", (double) hardness.depth());
    return metrics;
  }

  Map<String, String> notMeasured() {
    return Double.isNaN(guideShare)
        ? Map.of("mine_guide_disagrees_share", "there is no guide")
        : Map.of();
  }

  private static long[] histogram(Dataset<Row> rows) {
    Column margin = col("positive_score").minus(col("score"));
    Column bin = least(lit(BINS - 1L), greatest(lit(0L), floor(margin.plus(1).multiply(BINS / 2))));
    List<Row> counts =
        rows.where(margin.isNotNull()).groupBy(bin.as("bin")).agg(count(lit(1))).collectAsList();
    long[] histogram = new long[BINS];
    counts.forEach(row -> histogram[(int) row.getLong(0)] = row.getLong(1));
    return histogram;
  }

  private static Column indicator(Column condition) {
    return when(condition, 1.0).otherwise(0.0);
  }

  private static double value(Row row, int column) {
    return row.isNullAt(column) ? Double.NaN : row.getDouble(column);
  }
}
