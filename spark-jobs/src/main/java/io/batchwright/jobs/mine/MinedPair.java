package io.batchwright.jobs.mine;

import java.util.List;
import org.apache.spark.sql.Row;

/** One row of the table mined_pairs. */
record MinedPair(String queryId, String query, List<Text> positives, List<Text> negatives) {
  /** A document with the miner's score. */
  record Text(String id, String text, float score) {
    static Text of(Row row) {
      return new Text(row.getString(0), row.getString(1), row.getFloat(2));
    }
  }

  static MinedPair of(Row row) {
    return new MinedPair(
        row.getString(0),
        row.getString(1),
        row.<Row>getList(2).stream().map(Text::of).toList(),
        row.<Row>getList(3).stream().map(Text::of).toList());
  }
}
