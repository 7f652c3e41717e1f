package io.batchwright.data.dedup.index;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/** Converts rows one at a time; a row converted to null is left out. */
final class EachRow implements Iterator<Row> {
  private final Iterator<Row> rows;
  private final Function<Row, Row> conversion;
  private Row next;

  EachRow(Iterator<Row> rows, Function<Row, Row> conversion) {
    this.rows = rows;
    this.conversion = conversion;
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      next = conversion.apply(rows.next());
    }
    return next != null;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Row result = next;
    next = null;
    return result;
  }
}
