package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Positive-aware mining: candidates that score more than a share of the positive's score are taken
 * for unlabelled answers and go.
 *
 * <p><b>Relations.</b> {@link RelativeMargin} with {@code 1 - share}.
 *
 * @param share of the score of the query's worst positive, in (0, 1]
 */
@Paper(
    title = "NV-Retriever: Improving text embedding models with effective hard-negative mining",
    arxiv = "2407.15831",
    where = "TopK-PercPos")
public record TopKPercPos(double share) implements NegativeFilter {
  /** 95 %. */
  public static final TopKPercPos PAPER = new TopKPercPos(0.95);

  /** Checks the range. */
  public TopKPercPos {
    Check.range("TopKPercPos.share", share, 0, false, 1, true);
  }

  @Override
  public String reason() {
    return "close_to_positive";
  }

  @Override
  public Column excludes() {
    return RelativeMargin.above(col("score"), col("positive_score"), 1 - share);
  }
}
