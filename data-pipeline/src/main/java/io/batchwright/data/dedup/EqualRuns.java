package io.batchwright.data.dedup;

import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Points each row of a run of equal hashes at the run's first one while the rows stream by.
 *
 * <p>In: high, low, ordinal, origin, ordered by (high, low, ordinal). Out: {@link
 * Duplicates#SCHEMA}.
 *
 * @param acrossOrigins whether rows of the first one's origin stay
 */
record EqualRuns(boolean acrossOrigins) implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new RowByRow(rows) {
      private long high;
      private long low;
      private long first = -1;
      private long origin;

      @Override
      protected Row convert(Row row) {
        if (first < 0 || row.getLong(0) != high || row.getLong(1) != low) {
          high = row.getLong(0);
          low = row.getLong(1);
          first = row.getLong(2);
          origin = row.getLong(3);
          return null;
        }
        return acrossOrigins && row.getLong(3) == origin
            ? null
            : RowFactory.create(row.get(2), first, 1.0);
      }
    };
  }
}
