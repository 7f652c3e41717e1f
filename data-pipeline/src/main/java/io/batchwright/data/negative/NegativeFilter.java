package io.batchwright.data.negative;

import java.io.Serializable;
import org.apache.spark.sql.Column;

/** Says which candidates are no negatives, as a condition on {@link JudgedCandidates}. */
public sealed interface NegativeFilter extends Serializable
    permits AbsoluteMargin,
        CustomNegativeFilter,
        GuideDisagreement,
        KnownPositives,
        RelativeMargin,
        SameAnswer,
        ScoreRange,
        TopKPercPos {

  /** The reason in ledgers and reports, such as {@code known_positive}. */
  String reason();

  /**
   * True for a candidate that goes; null counts as false.
   *
   * <p>Columns it may use: those of {@link JudgedCandidates#SCHEMA}.
   */
  Column excludes();

  /** Whether it takes out good candidates, so that more must be looked at to find enough. */
  default boolean reachesDown() {
    return true;
  }
}
