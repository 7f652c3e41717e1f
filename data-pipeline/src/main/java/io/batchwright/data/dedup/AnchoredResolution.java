package io.batchwright.data.dedup;

import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Decides a component of candidates in one walk along the order of survival: a document that is
 * similar enough to an anchor of one of its buckets goes, the first such anchor being its survivor;
 * any other stays and becomes an anchor of its buckets. So every anchor is a survivor, and nothing
 * is to be judged again.
 *
 * <p>In: {@link CandidateShingles#SCHEMA}, ordered by (component, ordinal). Out: {@link
 * Verdicts#SCHEMA}. Memory: the shingles of one component's anchors.
 *
 * @param lsh bands, measure, threshold and the cap of anchors in a bucket
 * @param acrossOrigins whether documents of one origin are never compared
 */
record AnchoredResolution(MinHashLsh lsh, boolean acrossOrigins)
    implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Walk(rows);
  }

  private final class Walk extends StreamOfRows {
    private final Buckets buckets = new Buckets(lsh.anchorsPerBucket());
    private long[] ordinals = new long[16];
    private long[] origins = new long[16];
    private byte[][] sets = new byte[16][];
    private int anchors;
    private long component = -1;
    private long compared;
    private long verified;
    private long beyondCap;

    Walk(Iterator<Row> rows) {
      super(rows);
    }

    @Override
    void accept(Row row) {
      if (row.getLong(0) != component) {
        component = row.getLong(0);
        buckets.clear();
        Arrays.fill(sets, 0, anchors, null);
        anchors = 0;
      }
      judge(row.getLong(1), row.getLong(2), row.getAs(3), row.getAs(4));
    }

    private void judge(long ordinal, long origin, byte[] print, byte[] shingles) {
      int found = buckets.anchorsOf(print);
      for (int i = 0; i < found; i++) {
        int anchor = buckets.anchor(i);
        if (acrossOrigins && origins[anchor] == origin) {
          continue;
        }
        double similarity = lsh.measure().from(sets[anchor], shingles, lsh.threshold());
        compared++;
        if (similarity >= 0) {
          verified++;
          emit(Verdicts.removed(ordinal, ordinals[anchor], similarity));
          return;
        }
      }
      if (buckets.add(print, anchors)) {
        beyondCap++;
      }
      if (anchors == sets.length) {
        ordinals = Arrays.copyOf(ordinals, anchors * 2);
        origins = Arrays.copyOf(origins, anchors * 2);
        sets = Arrays.copyOf(sets, anchors * 2);
      }
      ordinals[anchors] = ordinal;
      origins[anchors] = origin;
      sets[anchors] = shingles;
      anchors++;
    }

    @Override
    void end() {
      emit(Verdicts.figures(compared, verified, beyondCap));
    }
  }
}
