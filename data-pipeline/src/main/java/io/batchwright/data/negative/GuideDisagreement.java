package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * A candidate that a guide finds closer to the query than {@code g - |g| * margin} goes, where g is
 * the guide's score of the query's worst positive. Without a guide's scores it excludes nothing.
 *
 * <p><b>Relations.</b> The loss {@code GistEmbed} does the same in each batch, for in-batch
 * negatives too.
 *
 * @param margin share of the guide's score of the positive, at least 0
 */
@Paper(
    title = "GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding",
    arxiv = "2402.16829",
    where = "the same judgement on mined negatives; a cross-encoder as in 2010.08191")
public record GuideDisagreement(double margin) implements NegativeFilter {
  /** No margin. */
  public static final GuideDisagreement PAPER = new GuideDisagreement(0);

  /** Checks the range. */
  public GuideDisagreement {
    Check.atLeast("GuideDisagreement.margin", margin, 0);
  }

  @Override
  public String reason() {
    return "guide_disagrees";
  }

  @Override
  public Column excludes() {
    return RelativeMargin.above(col("guide_score"), col("guide_positive_score"), margin);
  }
}
