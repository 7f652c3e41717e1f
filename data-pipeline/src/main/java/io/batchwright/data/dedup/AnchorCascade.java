package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Compares the members of each bucket with its anchors while they stream by: the first member is an
 * anchor, and so is each that is similar enough to none. Memory is that of one bucket's anchors.
 *
 * <p>In: {@link #SCHEMA}, ordered by (bucket, ordinal). Out: {@link Verdicts#SCHEMA}, a removal
 * meaning "similar enough to", and one row a bucket's member and match.
 *
 * @param lsh measure, threshold and the cap of anchors in a bucket
 * @param acrossOrigins whether documents of one origin are never compared
 */
record AnchorCascade(MinHashLsh lsh, boolean acrossOrigins)
    implements MapPartitionsFunction<Row, Row> {
  /** Bounds the memory of anchors: 8 million shingles of 8 bytes. */
  private static final long MAX_ANCHOR_BYTES = 64L << 20;

  /** Two rows are compared where one of them is {@code open}: not compared before. */
  static final StructType SCHEMA =
      new StructType()
          .add("bucket", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("origin", DataTypes.LongType, false)
          .add("open", DataTypes.BooleanType, false)
          .add("shingles", DataTypes.BinaryType, false);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Walk(rows);
  }

  private record Anchor(long ordinal, long origin, boolean open, byte[] shingles) {}

  private final class Walk extends StreamOfRows {
    private final List<Anchor> anchors = new ArrayList<>();
    private long anchorBytes;
    private long bucket;
    private long compared;
    private long verified;
    private long beyondCap;

    Walk(Iterator<Row> rows) {
      super(rows);
    }

    @Override
    void accept(Row row) {
      if (row.getLong(0) != bucket) {
        bucket = row.getLong(0);
        anchors.clear();
        anchorBytes = 0;
      }
      judge(new Anchor(row.getLong(1), row.getLong(2), row.getBoolean(3), row.getAs(4)));
    }

    private void judge(Anchor member) {
      for (Anchor anchor : anchors) {
        if (acrossOrigins && anchor.origin == member.origin || !(anchor.open || member.open)) {
          continue;
        }
        double similarity = lsh.measure().from(anchor.shingles, member.shingles, lsh.threshold());
        compared++;
        if (similarity >= 0) {
          verified++;
          emit(Verdicts.removed(member.ordinal, anchor.ordinal, similarity));
          return;
        }
      }
      if (anchors.isEmpty()
          || anchors.size() < lsh.anchorsPerBucket()
              && anchorBytes + member.shingles.length <= MAX_ANCHOR_BYTES) {
        anchors.add(member);
        anchorBytes += member.shingles.length;
      } else {
        beyondCap++;
      }
    }

    @Override
    void end() {
      emit(Verdicts.figures(compared, verified, beyondCap));
    }
  }
}
