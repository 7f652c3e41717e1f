package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.data.bucket.Bucketing;
import io.batchwright.data.ledger.Removed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A plan from an order of samples that the driver has found: consecutive stretches are steps. */
final class OrderedSteps {
  private static final StructType PLACES =
      new StructType()
          .add("sample", DataTypes.LongType, false)
          .add("place", DataTypes.LongType, false);

  private OrderedSteps() {}

  /**
   * Lays out steps of {@code pairsPerStep}.
   *
   * @param order samples in the order of use, each at most once
   * @param dropLast whether an incomplete last step is dropped
   * @param left why samples that {@code order} lacks are in no step
   */
  static Plan plan(
      Dataset<Row> samples,
      long[] order,
      int pairsPerStep,
      boolean dropLast,
      String left,
      PlanKey key) {
    long used = dropLast ? order.length - order.length % pairsPerStep : order.length;
    List<Row> places = new ArrayList<>(order.length);
    for (int i = 0; i < order.length; i++) {
      places.add(RowFactory.create(order[i], (long) i));
    }
    Dataset<Row> placed =
        samples
            .withColumn("total", Bucketing.totalLength().cast("int"))
            .select("sample", "sample_id", "source", "total")
            .join(
                samples.sparkSession().createDataFrame(places, PLACES),
                new String[] {"sample"},
                "left");
    Column inside = col("place").isNotNull().and(col("place").lt(used));
    Dataset<Row> rows =
        placed
            .where(inside)
            .select(
                lit(key.epoch()).as("epoch"),
                col("place").divide(pairsPerStep).cast("bigint").as("step"),
                col("place").mod(pairsPerStep).cast("int").as("position"),
                col("place").mod(pairsPerStep).cast("int").as("sequence"),
                col("sample"),
                lit(0).as("start"),
                col("total").as("length"),
                lit(Plan.MIXED).as("shape_id"));
    Dataset<Row> removed =
        placed
            .where(inside.unary_$bang().or(col("place").isNull()))
            .select(
                Removed.columns(
                    col("sample_id"),
                    Plan.NAME,
                    when(col("place").isNull(), left).otherwise(Plan.PARTIAL_STEP)));
    Dataset<Row> exact = samples.sparkSession().createDataFrame(rows.toJavaRDD(), Tables.PLAN);
    return new Plan(exact, removed, (used + pairsPerStep - 1) / pairsPerStep);
  }

  /** Samples and their vectors, by sample: what a policy that works on the driver holds. */
  record Vectors(long[] samples, float[][] vectors) implements Serializable {
    /** Reads a column; vectors leave the executors packed, without an object a number. */
    static Vectors of(Dataset<Row> samples, SampleColumn column) {
      List<Vectors> parts =
          samples
              .select("sample", column.column())
              .orderBy("sample")
              .toJavaRDD()
              .mapPartitions(rows -> List.of(packed(rows)).iterator())
              .collect();
      return new Vectors(
          parts.stream().flatMapToLong(part -> Arrays.stream(part.samples)).toArray(),
          parts.stream().flatMap(part -> Arrays.stream(part.vectors)).toArray(float[][]::new));
    }

    private static Vectors packed(Iterator<Row> rows) {
      List<Long> ids = new ArrayList<>();
      List<float[]> vectors = new ArrayList<>();
      while (rows.hasNext()) {
        Row row = rows.next();
        ids.add(row.getLong(0));
        List<Float> vector = row.getList(1);
        float[] values = new float[vector.size()];
        for (int d = 0; d < values.length; d++) {
          values[d] = vector.get(d);
        }
        vectors.add(values);
      }
      return new Vectors(
          ids.stream().mapToLong(Long::longValue).toArray(), vectors.toArray(float[][]::new));
    }

    /** The samples of these places. */
    long[] at(int[] places) {
      return Arrays.stream(places).mapToLong(place -> samples[place]).toArray();
    }
  }
}
