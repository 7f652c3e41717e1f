package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * A candidate stays only if its score is at most {@code p - |p| * margin}, where p is the score of
 * the query's worst positive. For negative scores, too, a larger margin is stricter.
 *
 * @param margin share of the positive's score, at least 0
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "relative_margin of mine_hard_negatives in sentence-transformers")
public record RelativeMargin(double margin) implements NegativeFilter {
  /** A twentieth below the positive. */
  public static final RelativeMargin PAPER = new RelativeMargin(0.05);

  /** Checks the range. */
  public RelativeMargin {
    Check.atLeast("RelativeMargin.margin", margin, 0);
  }

  @Override
  public String reason() {
    return "relative_margin";
  }

  @Override
  public Column excludes() {
    return above(col("score"), col("positive_score"), margin);
  }

  /** Whether {@code score} is more than {@code positive} less its share. */
  static Column above(Column score, Column positive, double margin) {
    return score.gt(positive.minus(abs(positive).multiply(margin)));
  }
}
