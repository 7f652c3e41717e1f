package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.batch.TasBalanced;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * How margins of positive over negative would be spread in training: with each query's negatives
 * equally likely, and with those of each of its margin bins equally likely, as {@link TasBalanced}
 * draws them.
 *
 * @param smallest of all margins
 * @param largest of all margins
 * @param before the share of draws in each tenth from {@code smallest} to {@code largest}
 * @param after the same, balanced
 */
record MarginBalance(double smallest, double largest, double[] before, double[] after) {
  static final int BINS = TasBalanced.PAPER.bins();

  /**
   * Of the negatives among {@code decided}.
   *
   * @param guided whether margins are the guide's, else the miner's
   */
  static MarginBalance of(Dataset<Row> decided, boolean guided) {
    Column margin =
        guided
            ? col("guide_positive_score").minus(col("guide_score"))
            : col("positive_score").minus(col("score"));
    Dataset<Row> pairs =
        decided
            .where(col("reason").isNull())
            .select(col("query_id"), margin.cast("double").as("margin"))
            .where(col("margin").isNotNull());
    Row range = pairs.agg(min("margin"), max("margin")).head();
    if (range.isNullAt(0)) {
      return new MarginBalance(0, 0, new double[BINS], new double[BINS]);
    }
    double smallest = range.getDouble(0);
    double largest = range.getDouble(1);
    WindowSpec ofQuery = Window.partitionBy("query_id");
    Dataset<Row> binned =
        pairs
            .withColumn(
                "bin", bin(col("margin"), min("margin").over(ofQuery), max("margin").over(ofQuery)))
            .withColumn("place", bin(col("margin"), lit(smallest), lit(largest)));
    Dataset<Row> queries =
        binned
            .groupBy("query_id")
            .agg(count(lit(1)).as("pairs"), countDistinct(col("bin")).as("bins"));
    List<Row> rows =
        binned
            .withColumn("alike", count(lit(1)).over(Window.partitionBy("query_id", "bin")))
            .join(queries, "query_id")
            .groupBy("place")
            .agg(
                sum(lit(1.0).divide(col("pairs"))),
                sum(lit(1.0).divide(col("bins").multiply(col("alike")))))
            .collectAsList();
    long total = queries.count();
    double[] before = new double[BINS];
    double[] after = new double[BINS];
    for (Row row : rows) {
      before[(int) row.getLong(0)] = row.getDouble(1) / total;
      after[(int) row.getLong(0)] = row.getDouble(2) / total;
    }
    return new MarginBalance(smallest, largest, before, after);
  }

  private static Column bin(Column margin, Column from, Column to) {
    Column width = to.minus(from).divide(BINS);
    Column place = floor(margin.minus(from).divide(width));
    return when(width.gt(0), least(lit(BINS - 1L), greatest(lit(0L), place))).otherwise(lit(0L));
  }
}
