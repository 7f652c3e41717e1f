package io.batchwright.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Row;

/** Turns rows into rows a batch at a time, holding no more than one batch. */
public final class RowBatches implements Iterator<Row> {
  private final Iterator<Row> rows;
  private final int size;
  private final Function<List<Row>, List<Row>> each;
  private Iterator<Row> ready = List.<Row>of().iterator();

  /**
   * Reads no row before it is asked for one.
   *
   * @param size rows of a batch; the last one may have fewer
   * @param each makes the rows of one batch
   */
  public RowBatches(Iterator<Row> rows, int size, Function<List<Row>, List<Row>> each) {
    this.rows = rows;
    this.size = size;
    this.each = each;
  }

  @Override
  public boolean hasNext() {
    return ready.hasNext() || rows.hasNext();
  }

  @Override
  public Row next() {
    if (!ready.hasNext()) {
      List<Row> batch = new ArrayList<>(size);
      while (batch.size() < size && rows.hasNext()) {
        batch.add(rows.next());
      }
      ready = each.apply(batch).iterator();
    }
    return ready.next();
  }
}
