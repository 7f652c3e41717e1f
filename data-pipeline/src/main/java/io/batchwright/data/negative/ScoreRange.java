package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.Optional;
import org.apache.spark.sql.Column;

/**
 * Candidates whose score is above a maximum, and so perhaps answers, or below a minimum, and so too
 * easy, go.
 *
 * @param minimum the smallest score that stays, or empty for no limit
 * @param maximum the largest score that stays, or empty for no limit
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "max_score and min_score of mine_hard_negatives in sentence-transformers")
public record ScoreRange(Optional<Double> minimum, Optional<Double> maximum)
    implements NegativeFilter {
  /** Cosines from 0.1 to 0.8. */
  public static final ScoreRange PAPER = new ScoreRange(Optional.of(0.1), Optional.of(0.8));

  /** Checks that the limits leave something. */
  public ScoreRange {
    Check.that(
        minimum.isEmpty() || maximum.isEmpty() || minimum.get() <= maximum.get(),
        "ScoreRange.minimum",
        "must not be above ScoreRange.maximum");
  }

  @Override
  public String reason() {
    return "score_range";
  }

  @Override
  public Column excludes() {
    Column above = maximum.<Column>map(limit -> col("score").gt(limit)).orElse(lit(false));
    return minimum.<Column>map(limit -> col("score").lt(limit)).map(above::or).orElse(above);
  }

  @Override
  public boolean reachesDown() {
    return maximum.isPresent();
  }
}
