package io.batchwright.data.dedup;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Row;

/** Converts rows one at a time; a row converted to null is left out. */
public abstract class RowByRow implements Iterator<Row> {
  private final Iterator<Row> rows;
  private Row next;

  protected RowByRow(Iterator<Row> rows) {
    this.rows = rows;
  }

  /** {@code rows} by a conversion that needs nothing but the row. */
  public static RowByRow of(Iterator<Row> rows, UnaryOperator<Row> conversion) {
    return new RowByRow(rows) {
      @Override
      protected Row convert(Row row) {
        return conversion.apply(row);
      }
    };
  }

  /** What becomes of {@code row}; null leaves it out. */
  protected abstract Row convert(Row row);

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
