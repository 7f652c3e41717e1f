package io.batchwright.data.dedup.index;

import io.batchwright.data.dedup.BandKeys;
import java.util.Iterator;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** One row a document and band, of the index (fresh 0) or of the new snapshot (fresh 1). */
final class IndexKeys implements Iterator<Row> {
  static final StructType SCHEMA =
      new StructType()
          .add("key", DataTypes.LongType, false)
          .add("fresh", DataTypes.IntegerType, false)
          .add("number", DataTypes.LongType, false)
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false);

  private static final LongHashFunction SALT = LongHashFunction.xx3(11);
  private static final LongHashFunction SALTED = LongHashFunction.xx3(12);

  private final Iterator<Row> rows;
  private final boolean fresh;
  private final boolean salted;
  private Row row;
  private byte[] print;
  private long salt;
  private int band;

  private IndexKeys(Iterator<Row> rows, boolean fresh, boolean salted) {
    this.rows = rows;
    this.fresh = fresh;
    this.salted = salted;
  }

  /** From (print, source, id_high, id_low); salted: documents of other sources share no key. */
  static MapPartitionsFunction<Row, Row> fresh(boolean salted) {
    return rows -> new IndexKeys(rows, true, salted);
  }

  /** From (bands, source, number). */
  static MapPartitionsFunction<Row, Row> stored(boolean salted) {
    return rows -> new IndexKeys(rows, false, salted);
  }

  @Override
  public boolean hasNext() {
    while (print == null || band == BandKeys.bands(print)) {
      if (!rows.hasNext()) {
        return false;
      }
      row = rows.next();
      print = row.getAs(0);
      salt = salted ? SALT.hashChars(row.getString(1)) : 0;
      band = 0;
    }
    return true;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new java.util.NoSuchElementException();
    }
    long key = BandKeys.key(print, band);
    band++;
    if (salted) {
      key = SALTED.hashLong(key ^ salt);
    }
    return fresh
        ? RowFactory.create(key, 1, -1L, row.get(2), row.get(3))
        : RowFactory.create(key, 0, row.get(2), 0L, 0L);
  }
}
