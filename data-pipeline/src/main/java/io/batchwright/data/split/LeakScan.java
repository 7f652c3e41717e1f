package io.batchwright.data.split;

import io.batchwright.data.dedup.Shingles;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Probes a partition of training documents against a held-out index. */
record LeakScan(Broadcast<HeldOutIndex> index, double threshold, Shingles shingles)
    implements MapPartitionsFunction<Row, Row> {
  /** A near pair, or, with null ids at the partition's end, what the partition compared. */
  static final StructType FOUND =
      new StructType()
          .add("doc_id", DataTypes.StringType, true)
          .add("held_out_id", DataTypes.StringType, true)
          .add("similarity", DataTypes.DoubleType, true)
          .add("documents", DataTypes.LongType, true)
          .add("compared", DataTypes.LongType, true);

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    HeldOutIndex.Probe probe = index.value().probe(threshold);
    Deque<Row> found = new ArrayDeque<>();
    return new Iterator<>() {
      private long documents;
      private boolean finished;

      @Override
      public boolean hasNext() {
        while (found.isEmpty() && rows.hasNext()) {
          Row row = rows.next();
          documents++;
          probe.find(
              shingles.of(row.getString(1)),
              (heldOut, similarity) ->
                  found.add(RowFactory.create(row.get(0), heldOut, similarity, null, null)));
        }
        if (found.isEmpty() && !finished) {
          finished = true;
          found.add(RowFactory.create(null, null, null, documents, probe.compared()));
        }
        return !found.isEmpty();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return found.remove();
      }
    };
  }
}
