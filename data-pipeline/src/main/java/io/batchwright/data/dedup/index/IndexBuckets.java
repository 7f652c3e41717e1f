package io.batchwright.data.dedup.index;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Pairs the new documents of each bucket with the entries that came into it first, while {@link
 * IndexKeys} stream by in the order (key, fresh, number). A pair whose number is null says that the
 * bucket held more entries than were tried.
 *
 * @param most entries of one bucket that a new document is paired with
 */
record IndexBuckets(int most) implements MapPartitionsFunction<Row, Row> {
  static final StructType SCHEMA =
      new StructType()
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false)
          .add("number", DataTypes.LongType, true);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Walk(rows);
  }

  private final class Walk implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final long[] entries = new long[most];
    private long key;
    private int held;
    private boolean more;
    private Row fresh;
    private int at;

    Walk(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      while (fresh == null || at == held + (more ? 1 : 0)) {
        if (!rows.hasNext()) {
          return false;
        }
        take(rows.next());
      }
      return true;
    }

    private void take(Row row) {
      if (row.getLong(0) != key) {
        key = row.getLong(0);
        held = 0;
        more = false;
      }
      if (row.getInt(1) == 1) {
        fresh = row;
        at = 0;
        return;
      }
      fresh = null;
      if (held < most) {
        entries[held] = row.getLong(2);
        held++;
      } else {
        more = true;
      }
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Long number = at < held ? (Long) entries[at] : null;
      at++;
      return RowFactory.create(fresh.get(3), fresh.get(4), number);
    }
  }
}
