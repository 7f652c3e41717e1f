package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;

import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntUnaryOperator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What planning needs of a sample.
 *
 * @param epoch that it is planned for
 * @param bucket the turn of its bucket in that epoch
 * @param draw its place in the shuffle of its bucket
 * @param length the tokens of all its parts
 * @param positive the text that answers it, or -1
 */
record Candidate(
    int epoch, int bucket, long draw, long sample, int length, long equalHash, long positive)
    implements Comparable<Candidate>, Serializable {

  private static final Comparator<Candidate> ORDER =
      Comparator.comparingInt(Candidate::epoch)
          .thenComparingInt(Candidate::bucket)
          .thenComparingLong(Candidate::draw)
          .thenComparingLong(Candidate::sample);

  private static final StructType SCHEMA =
      new StructType(
          new StructField[] {
            DataTypes.createStructField("epoch", DataTypes.IntegerType, false),
            DataTypes.createStructField("bucket", DataTypes.IntegerType, false),
            DataTypes.createStructField("draw", DataTypes.LongType, false),
            DataTypes.createStructField("sample", DataTypes.LongType, false),
            DataTypes.createStructField("length", DataTypes.IntegerType, false),
            DataTypes.createStructField("equal_hash", DataTypes.LongType, false),
            DataTypes.createStructField("positive", DataTypes.LongType, false)
          });

  /**
   * All samples of each epoch, by bucket, shuffled within it: one range sort, the same for any
   * partitioning.
   *
   * @param keys of one seed and of epochs that follow each other, at least one
   * @param turns of the buckets
   */
  static JavaRDD<Candidate> shuffled(EpochSamples samples, List<PlanKey> keys, BucketTurns turns) {
    return samples
        .rows()
        .select(
            col("bucket"),
            col("sample"),
            col("parts"),
            col("equal_hash"),
            samples.epochs().cast("array<int>").as("epochs"))
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>) rows -> draws(rows, keys, turns),
            Encoders.row(SCHEMA))
        .orderBy("epoch", "bucket", "draw", "sample")
        .toJavaRDD()
        .map(
            row ->
                new Candidate(
                    row.getInt(0),
                    row.getInt(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getInt(4),
                    row.getLong(5),
                    row.getLong(6)));
  }

  private static Iterator<Row> draws(Iterator<Row> rows, List<PlanKey> keys, BucketTurns turns) {
    int[] every = keys.stream().mapToInt(PlanKey::epoch).toArray();
    IntUnaryOperator[] inEpoch = keys.stream().map(turns::in).toArray(IntUnaryOperator[]::new);
    RandomStream[] draws =
        keys.stream()
            .map(key -> RandomStream.of(key.seed(), "batch.shuffle", key.epoch(), 0))
            .toArray(RandomStream[]::new);
    return new Iterator<>() {
      private Row row;
      private int length;
      private long positive;
      private int[] epochs = {};
      private int next;

      @Override
      public boolean hasNext() {
        while (next == epochs.length && rows.hasNext()) {
          read(rows.next());
          epochs = row.isNullAt(4) ? every : ints(row.getList(4));
          next = 0;
        }
        return next < epochs.length;
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int epoch = epochs[next++];
        long sample = row.getLong(1);
        long draw = draws[epoch - every[0]].longAt(sample);
        int bucket = inEpoch[epoch - every[0]].applyAsInt(row.getInt(0));
        return RowFactory.create(epoch, bucket, draw, sample, length, row.getLong(3), positive);
      }

      private void read(Row sample) {
        row = sample;
        length = 0;
        positive = -1;
        for (Row part : row.<Row>getList(2)) {
          length += part.getInt(2);
          if (positive < 0 && part.getString(0).equals("positive")) {
            positive = part.getLong(1);
          }
        }
      }
    };
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public int compareTo(Candidate other) {
    return ORDER.compare(this, other);
  }
}
