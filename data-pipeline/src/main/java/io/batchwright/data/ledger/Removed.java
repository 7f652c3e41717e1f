package io.batchwright.data.ledger;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.sql.Column;

/** The columns of {@link io.batchwright.data.Tables#REMOVED}, for a stage that compares nothing. */
public final class Removed {
  private Removed() {}

  /**
   * Rows removed without a survivor, from a table with a column {@code source}.
   *
   * @param id what is removed: a doc_id, query_id or sample_id
   * @param stage the stage that removes them
   * @param reason text
   */
  public static Column[] columns(Column id, String stage, Column reason) {
    return columns(id, stage, reason, lit(null));
  }

  /**
   * Rows removed in favour of another, without a measured similarity.
   *
   * @param survivor the id that stands for the removed one, or null
   */
  public static Column[] columns(Column id, String stage, Column reason, Column survivor) {
    return new Column[] {
      id.as("doc_id"),
      col("source"),
      lit(stage).as("stage"),
      reason.as("reason"),
      survivor.cast("string").as("survivor_id"),
      lit(null).cast("double").as("similarity"),
      lit(null).cast("string").as("cluster_id")
    };
  }
}
