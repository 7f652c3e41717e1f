package io.batchwright.data.ledger;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.sql.Column;

/** The columns of {@link io.batchwright.data.Tables#REMOVED}, as each stage fills them. */
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
    return columns(id, stage, reason, survivor, lit(null), lit(null));
  }

  /**
   * Duplicates, from a table with columns {@code doc_id, source, survivor_id, similarity}; a
   * cluster is called after its survivor.
   */
  public static Column[] duplicates(String stage, Column reason) {
    Column survivor = col("survivor_id");
    return columns(col("doc_id"), stage, reason, survivor, col("similarity"), survivor);
  }

  private static Column[] columns(
      Column id, String stage, Column reason, Column survivor, Column similarity, Column cluster) {
    return new Column[] {
      id.as("doc_id"),
      col("source"),
      lit(stage).as("stage"),
      reason.as("reason"),
      survivor.cast("string").as("survivor_id"),
      similarity.cast("double").as("similarity"),
      cluster.cast("string").as("cluster_id")
    };
  }
}
