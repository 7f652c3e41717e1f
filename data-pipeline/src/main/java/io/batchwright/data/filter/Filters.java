package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Applies filters to documents; each removed document is counted under the first that removes it.
 */
public final class Filters {
  private static final String REASON = "_bw_reason";

  private Filters() {}

  /**
   * The documents that every filter keeps, and the others with their reasons.
   *
   * @param documents {@link Tables#DOCUMENTS} and any columns more
   * @param filters in the order in which their reasons are given
   * @param stage what the removed rows say in {@code stage}
   */
  public static Outcome apply(Dataset<Row> documents, List<Filter> filters, String stage) {
    Column reason = lit(null).cast("string");
    for (Filter filter : filters) {
      reason = coalesce(reason, when(filter.keeps(col("text")).unary_$bang(), filter.reason()));
    }
    Dataset<Row> judged = documents.withColumn(REASON, reason);
    Dataset<Row> removed =
        judged
            .where(col(REASON).isNotNull())
            .select(Removed.columns(col("doc_id"), stage, col(REASON)));
    return new Outcome(
        judged.where(col(REASON).isNull()).drop(REASON),
        removed,
        Tables.empty(documents.sparkSession(), Tables.QUARANTINE));
  }
}
