package io.batchwright.data.dedup;

import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The bands of documents as rows to be brought together by key, combined before they travel: where
 * the partition saw a key a moment ago, a link to the document that had it takes the row's place,
 * and links leave as a spanning forest. So a bucket of a million documents travels as a few rows a
 * partition.
 *
 * <p>In: ordinal, part, origin, print (not null). Out: {@link #SCHEMA}. Memory: 2 MB and {@link
 * Contraction}.
 *
 * @param byOrigin whether a bucket counts only where it has documents of two origins: then members
 *     carry their origin, and nothing is combined
 */
record BandRows(boolean byOrigin) implements MapPartitionsFunction<Row, Row> {
  private static final int RECENT = 1 << 17;

  /**
   * Where b is negative, document a is a member of the bucket, and of the origin {@code -1 - b};
   * else a and b are linked, and the key spreads them.
   */
  static final StructType SCHEMA =
      new StructType()
          .add("key", DataTypes.LongType, false)
          .add("a", DataTypes.LongType, false)
          .add("b", DataTypes.LongType, false);

  @Override
  public Iterator<Row> call(Iterator<Row> documents) {
    return new Walk(documents, byOrigin);
  }

  private static final class Walk extends StreamOfRows {
    private final boolean byOrigin;
    private final long[] keys;
    private final long[] holders;
    private final Contraction links = new Contraction();

    Walk(Iterator<Row> documents, boolean byOrigin) {
      super(documents);
      this.byOrigin = byOrigin;
      keys = new long[byOrigin ? 0 : RECENT];
      holders = new long[byOrigin ? 0 : RECENT];
      Arrays.fill(holders, -1);
    }

    @Override
    void accept(Row row) {
      long ordinal = row.getLong(0);
      long part = row.getLong(1);
      long member = byOrigin ? -1 - (row.getLong(2) >>> 1) : -1;
      byte[] print = row.getAs(3);
      for (int band = 0; band < BandKeys.bands(print); band++) {
        long key = BandKeys.key(print, band) ^ part;
        if (byOrigin || !combined(key, ordinal)) {
          emit(RowFactory.create(key, ordinal, member));
        }
      }
      if (links.isFull()) {
        end();
      }
    }

    private boolean combined(long key, long ordinal) {
      int slot = (int) (key >>> 40) & RECENT - 1;
      if (holders[slot] >= 0 && keys[slot] == key) {
        links.link(holders[slot], ordinal);
        return true;
      }
      keys[slot] = key;
      holders[slot] = ordinal;
      return false;
    }

    @Override
    void end() {
      emitAll(links.drain((node, root) -> RowFactory.create(Mix.mix(node), node, root)));
    }
  }
}
