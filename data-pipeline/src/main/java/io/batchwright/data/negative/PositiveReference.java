package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import org.apache.spark.sql.Column;

/** Which of a query's positives a candidate is compared with. */
public enum PositiveReference {
  /** The one with the smallest score. */
  WORST("positive_score"),
  /** The mean of all. */
  MEAN("mean_positive_score"),
  /** The one with the largest score. */
  BEST("best_positive_score");

  private final String column;

  PositiveReference(String column) {
    this.column = column;
  }

  /** Its score in {@link JudgedCandidates#SCHEMA}. */
  Column score() {
    return col(column);
  }
}
