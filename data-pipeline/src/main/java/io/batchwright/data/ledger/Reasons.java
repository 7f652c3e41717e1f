package io.batchwright.data.ledger;

import static org.apache.spark.sql.functions.lit;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Counts rows by reason. */
public final class Reasons {
  private Reasons() {}

  /** How many rows of {@code table} (removed or quarantine, committed) have each reason. */
  public static SortedMap<String, Long> count(Dataset<Row> table) {
    return by(table, "reason");
  }

  /** How many rows of {@code table} have each value of the text column {@code column}. */
  public static SortedMap<String, Long> by(Dataset<Row> table, String column) {
    SortedMap<String, Long> counts = new TreeMap<>();
    for (Row row : table.groupBy(column).agg(functions.count(lit(1))).collectAsList()) {
      counts.put(row.isNullAt(0) ? "" : row.getString(0), row.getLong(1));
    }
    return counts;
  }
}
