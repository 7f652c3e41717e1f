package io.batchwright.data.batch;

import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What planning needs of a sample.
 *
 * @param draw its place in the shuffle of its bucket
 * @param length the tokens of all its parts
 * @param positive the text that answers it, or -1
 */
record Candidate(int bucket, long draw, long sample, int length, long equalHash, long positive)
    implements Comparable<Candidate>, Serializable {

  private static final Comparator<Candidate> ORDER =
      Comparator.comparingInt(Candidate::bucket)
          .thenComparingLong(Candidate::draw)
          .thenComparingLong(Candidate::sample);

  private static final StructType SCHEMA =
      new StructType(
          new StructField[] {
            DataTypes.createStructField("bucket", DataTypes.IntegerType, false),
            DataTypes.createStructField("draw", DataTypes.LongType, false),
            DataTypes.createStructField("sample", DataTypes.LongType, false),
            DataTypes.createStructField("length", DataTypes.IntegerType, false),
            DataTypes.createStructField("equal_hash", DataTypes.LongType, false),
            DataTypes.createStructField("positive", DataTypes.LongType, false)
          });

  /** All samples by bucket, shuffled within it: a range sort, the same for any partitioning. */
  static JavaRDD<Candidate> shuffled(Dataset<Row> samples, PlanKey key) {
    return samples
        .select("bucket", "sample", "parts", "equal_hash")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>) rows -> draws(rows, key), Encoders.row(SCHEMA))
        .orderBy("bucket", "draw", "sample")
        .toJavaRDD()
        .map(
            row ->
                new Candidate(
                    row.getInt(0),
                    row.getLong(1),
                    row.getLong(2),
                    row.getInt(3),
                    row.getLong(4),
                    row.getLong(5)));
  }

  private static Iterator<Row> draws(Iterator<Row> rows, PlanKey key) {
    RandomStream draws = RandomStream.of(key.seed(), "batch.shuffle", key.epoch(), 0);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next();
        List<Row> parts = row.getList(2);
        int length = 0;
        long positive = -1;
        for (Row part : parts) {
          length += part.getInt(2);
          if (positive < 0 && part.getString(0).equals("positive")) {
            positive = part.getLong(1);
          }
        }
        long sample = row.getLong(1);
        return RowFactory.create(
            row.getInt(0), draws.longAt(sample), sample, length, row.getLong(3), positive);
      }
    };
  }

  @Override
  public int compareTo(Candidate other) {
    return ORDER.compare(this, other);
  }
}
