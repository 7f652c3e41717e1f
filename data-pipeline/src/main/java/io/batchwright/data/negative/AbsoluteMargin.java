package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * A candidate stays only if its score is at least {@code margin} below that of the query's worst
 * positive.
 *
 * @param margin in the unit of the scores, at least 0
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "absolute_margin of mine_hard_negatives in sentence-transformers")
public record AbsoluteMargin(double margin) implements NegativeFilter {
  /** A cosine 0.1 below the positive's. */
  public static final AbsoluteMargin PAPER = new AbsoluteMargin(0.1);

  /** Checks the range. */
  public AbsoluteMargin {
    Check.atLeast("AbsoluteMargin.margin", margin, 0);
  }

  @Override
  public String reason() {
    return "absolute_margin";
  }

  @Override
  public Column excludes() {
    return col("score").plus(margin).gt(col("positive_score"));
  }
}
