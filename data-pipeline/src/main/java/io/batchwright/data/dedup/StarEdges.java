package io.batchwright.data.dedup;

import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Links the members of each bucket to its first one while they stream by, and puts out the spanning
 * forest of all buckets of the partition.
 *
 * <p>In: {@link BandRows#SCHEMA}, all rows of a key together. Out: {@link #SCHEMA}. Memory: that of
 * {@link Contraction}; by origin also 8 bytes a member of one bucket.
 */
record StarEdges(boolean byOrigin) implements MapPartitionsFunction<Row, Row> {
  static final StructType SCHEMA =
      new StructType().add("a", DataTypes.LongType, false).add("b", DataTypes.LongType, false);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Walk(rows, byOrigin);
  }

  private static final class Walk extends StreamOfRows {
    private final boolean byOrigin;
    private final Contraction links = new Contraction();
    private long key;
    private long first = -1;
    private long firstOrigin;
    private long[] waiting = new long[16]; // members until a second origin shows
    private int size;
    private boolean mixed;

    Walk(Iterator<Row> rows, boolean byOrigin) {
      super(rows);
      this.byOrigin = byOrigin;
    }

    @Override
    void accept(Row row) {
      long a = row.getLong(1);
      long b = row.getLong(2);
      if (b >= 0) {
        links.link(a, b);
      } else if (first < 0 || row.getLong(0) != key) {
        key = row.getLong(0);
        first = a;
        firstOrigin = b;
        size = 0;
        mixed = !byOrigin;
      } else {
        member(a, b);
      }
      if (links.isFull()) {
        end();
      }
    }

    private void member(long ordinal, long origin) {
      if (!mixed && origin == firstOrigin) {
        if (size == waiting.length) {
          waiting = Arrays.copyOf(waiting, size * 2);
        }
        waiting[size] = ordinal;
        size++;
        return;
      }
      mixed = true;
      links.link(first, ordinal);
      for (int i = 0; i < size; i++) {
        links.link(first, waiting[i]);
      }
      size = 0;
    }

    @Override
    void end() {
      emitAll(links.drain((node, root) -> RowFactory.create(node, root)));
    }
  }
}
