package io.batchwright.data.dedup;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Compares the members of each bucket with its anchors while they stream by, ordered by (bucket,
 * ordinal); memory is that of one bucket's anchors.
 *
 * <p>In: bucket, ordinal, packed shingles. Out: {@link #JUDGED}, one row a comparison.
 *
 * @param threshold the least similarity that ends a member's search
 * @param maxAnchors the most anchors of one bucket
 */
record AnchorCascade(double threshold, int maxAnchors) implements MapPartitionsFunction<Row, Row> {
  /** Bounds the memory of anchors: 8 million shingles of 8 bytes. */
  private static final long MAX_ANCHOR_BYTES = 64L << 20;

  /**
   * The compared pair and its similarity, null below the threshold; a null anchor stands for a
   * member that found no anchor when the bucket could have no more.
   */
  static final StructType JUDGED =
      new StructType()
          .add("anchor", DataTypes.LongType, true)
          .add("member", DataTypes.LongType, false)
          .add("similarity", DataTypes.DoubleType, true);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Walk(rows);
  }

  private record Anchor(long ordinal, byte[] shingles) {}

  private final class Walk implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Deque<Row> judged = new ArrayDeque<>();
    private final List<Anchor> anchors = new ArrayList<>();
    private long anchorBytes;
    private long bucket;

    Walk(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      while (judged.isEmpty() && rows.hasNext()) {
        Row row = rows.next();
        if (row.getLong(0) != bucket) {
          bucket = row.getLong(0);
          anchors.clear();
          anchorBytes = 0;
        }
        judge(row.getLong(1), row.getAs(2));
      }
      return !judged.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return judged.remove();
    }

    private void judge(long member, byte[] shingles) {
      for (Anchor anchor : anchors) {
        double similarity = Shingles.jaccardFrom(anchor.shingles, shingles, threshold);
        boolean same = similarity >= 0;
        judged.add(RowFactory.create(anchor.ordinal, member, same ? (Double) similarity : null));
        if (same) {
          return;
        }
      }
      if (anchors.isEmpty()
          || anchors.size() < maxAnchors && anchorBytes + shingles.length <= MAX_ANCHOR_BYTES) {
        anchors.add(new Anchor(member, shingles));
        anchorBytes += shingles.length;
      } else {
        judged.add(RowFactory.create(null, member, null));
      }
    }
  }
}
