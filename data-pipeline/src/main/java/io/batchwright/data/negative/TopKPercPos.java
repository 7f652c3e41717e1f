package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Positive-aware mining: candidates that score more than a share of the positive's score are taken
 * for unlabelled answers and go.
 *
 * <p><b>Deviations from the paper.</b> The paper has one positive a query. With several the worst
 * is the safe reference, and that of sentence-transformers; where queries have dozens of graded
 * answers it lies among their negatives, and the mean leaves more.
 *
 * <p><b>Relations.</b> With {@link PositiveReference#WORST}, {@link RelativeMargin} with {@code 1 -
 * share}.
 *
 * @param share of the positive's score, in (0, 1]
 * @param reference which of the query's positives
 */
@Paper(
    title = "NV-Retriever: Improving text embedding models with effective hard-negative mining",
    arxiv = "2407.15831",
    where = "TopK-PercPos")
public record TopKPercPos(double share, PositiveReference reference) implements NegativeFilter {
  /** 95 % of the worst. */
  public static final TopKPercPos PAPER = new TopKPercPos(0.95, PositiveReference.WORST);

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
    return RelativeMargin.above(col("score"), reference.score(), 1 - share);
  }
}
