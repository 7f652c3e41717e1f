package io.batchwright.data.search;

import io.batchwright.data.RowVectors;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Vectors of consecutive rows of a partition, packed.
 *
 * @param ordinals ascending
 * @param dims the length of each vector
 * @param values one vector after the other
 */
record VectorBlock(long[] ordinals, int dims, float[] values) implements Serializable, VectorRows {
  @Override
  public int count() {
    return ordinals.length;
  }

  @Override
  public void copy(int from, int to, float[] into) {
    System.arraycopy(values, from * dims, into, 0, (to - from) * dims);
  }

  /** Packs rows {@code (ordinal, id, embedding)}, sorted by ordinal, into blocks. */
  static Iterator<VectorBlock> pack(Iterator<Row> rows, int dims, int rowsPerBlock) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public VectorBlock next() {
        List<Long> ordinals = new ArrayList<>();
        float[] values = new float[Math.multiplyExact(rowsPerBlock, dims)];
        while (rows.hasNext() && ordinals.size() < rowsPerBlock) {
          Row row = rows.next();
          RowVectors.copy(row.getList(2), values, ordinals.size() * dims);
          ordinals.add(row.getLong(0));
        }
        return new VectorBlock(
            ordinals.stream().mapToLong(Long::longValue).toArray(),
            dims,
            Arrays.copyOf(values, ordinals.size() * dims));
      }
    };
  }
}
