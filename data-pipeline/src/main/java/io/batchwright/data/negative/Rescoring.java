package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Scores of a better judge in place of the miner's, of candidates and positives alike: filters,
 * references, ranges and ranks then go by them, as with the {@code cross_encoder} of
 * sentence-transformers' {@code mine_hard_negatives}. Which candidates are looked at at all stays
 * as the miner ranked them.
 *
 * @param scores {@code query_id, doc_id, score}, each pair once
 */
public record Rescoring(Dataset<Row> scores) {
  /**
   * {@code rows} with these scores.
   *
   * @param rows {@code query_id, doc_id, score} and more, candidates or positives
   * @throws BatchwrightException with exit code 3 if a pair has none
   */
  public Dataset<Row> of(Dataset<Row> rows) {
    Dataset<Row> joined =
        rows.drop("score")
            .join(
                scores.select(col("query_id"), col("doc_id"), col("score").cast("float")),
                new String[] {"query_id", "doc_id"},
                "left");
    Dataset<Row> missing = joined.where(col("score").isNull());
    long count = missing.count();
    if (count > 0) {
      Row first = missing.orderBy("query_id", "doc_id").head();
      throw BatchwrightException.data(
          "The scores of rescore lack %,d pairs, such as that of %s and %s: they must cover all candidates and positives."
              .formatted(count, first.<String>getAs("query_id"), first.<String>getAs("doc_id")));
    }
    return joined.select(
        Arrays.stream(rows.columns()).map(name -> col(name)).toArray(Column[]::new));
  }
}
