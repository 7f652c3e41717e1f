package io.batchwright.data.dedup;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/** Converts rows one at a time; a row converted to null is left out. */
abstract class RowByRow implements Iterator<Row> {
  private final Iterator<Row> rows;
  private Row next;

  RowByRow(Iterator<Row> rows) {
    this.rows = rows;
  }

  abstract Row convert(Row row);

  @Override
  public final boolean hasNext() {
    while (next == null && rows.hasNext()) {
      next = convert(rows.next());
    }
    return next != null;
  }

  @Override
  public final Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Row result = next;
    next = null;
    return result;
  }
}
