package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.RowVectors;
import io.batchwright.data.bucket.Bucketing;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What a policy that orders samples on the driver holds of them, in the order of their numbers;
 * read by one job, whatever the number of epochs. A sample is called by its place here.
 */
final class HeldSamples {
  /** Samples of a plan that one task makes rows of. */
  private static final int STRETCH = 1 << 16;

  private final Dataset<Row> samples;
  private final long[] numbers;
  private final int[] lengths;
  private final Object[][] columns;

  private HeldSamples(Dataset<Row> samples, long[] numbers, int[] lengths, Object[][] columns) {
    this.samples = samples;
    this.numbers = numbers;
    this.lengths = lengths;
    this.columns = columns;
  }

  /**
   * Reads samples; vectors leave the executors packed, without an object a number.
   *
   * @param columns of vectors or text that are held, too
   */
  static HeldSamples of(Dataset<Row> samples, SampleColumn... columns) {
    List<Column> wanted = new ArrayList<>();
    wanted.add(col("sample"));
    wanted.add(Bucketing.totalLength().cast("int"));
    for (SampleColumn column : columns) {
      wanted.add(col(column.column()));
    }
    int count = columns.length;
    return inOrder(
        samples,
        samples
            .select(wanted.toArray(Column[]::new))
            .toJavaRDD()
            .mapPartitions(rows -> List.of(Part.of(rows, count)).iterator())
            .collect(),
        count);
  }

  private static HeldSamples inOrder(Dataset<Row> samples, List<Part> parts, int columns) {
    long[] numbers = parts.stream().flatMapToLong(part -> Arrays.stream(part.numbers)).toArray();
    int[] lengths = parts.stream().flatMapToInt(part -> Arrays.stream(part.lengths)).toArray();
    int[] order =
        IntStream.range(0, numbers.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> numbers[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    Object[][] values = new Object[columns][];
    for (int c = 0; c < columns; c++) {
      int column = c;
      Object[] all = parts.stream().flatMap(part -> Arrays.stream(part.columns[column])).toArray();
      values[c] = Arrays.stream(order).mapToObj(i -> all[i]).toArray();
    }
    return new HeldSamples(
        samples,
        Arrays.stream(order).mapToLong(i -> numbers[i]).toArray(),
        Arrays.stream(order).map(i -> lengths[i]).toArray(),
        values);
  }

  /** The same samples; what the columns held is free. */
  HeldSamples withoutColumns() {
    return new HeldSamples(samples, numbers, lengths, new Object[0][]);
  }

  /** How many there are. */
  int count() {
    return numbers.length;
  }

  /**
   * A column of vectors.
   *
   * @param column its place among those that were asked for
   */
  float[][] vectors(int column) {
    return Arrays.copyOf(columns[column], count(), float[][].class);
  }

  /**
   * A column of text.
   *
   * @param column its place among those that were asked for
   */
  String[] texts(int column) {
    return Arrays.copyOf(columns[column], count(), String[].class);
  }

  /**
   * Consecutive stretches of {@code pairsPerStep} samples as steps.
   *
   * @param order places in the order of use, each at most once
   * @param dropLast whether an incomplete last step is dropped
   * @param left why samples that {@code order} lacks are in no step
   */
  Plan plan(int[] order, int pairsPerStep, boolean dropLast, String left, PlanKey key) {
    int used = dropLast ? order.length - order.length % pairsPerStep : order.length;
    boolean[] ordered = new boolean[count()];
    for (int place : order) {
      ordered[place] = true;
    }
    int epoch = key.epoch();
    JavaRDD<Row> rows =
        stretches(Arrays.copyOf(order, used))
            .flatMap(
                stretch ->
                    IntStream.range(0, stretch.numbers.length)
                        .mapToObj(i -> stretch.row(i, pairsPerStep, epoch))
                        .iterator());
    JavaRDD<Row> partial =
        dropped(Arrays.copyOfRange(order, used, order.length), Plan.PARTIAL_STEP);
    JavaRDD<Row> others =
        dropped(IntStream.range(0, count()).filter(place -> !ordered[place]).toArray(), left);
    return new Plan(
        Plan.rows(samples, rows),
        Plan.removed(samples, partial.union(others)),
        (used + pairsPerStep - 1) / pairsPerStep);
  }

  private JavaRDD<Row> dropped(int[] places, String reason) {
    return stretches(places)
        .flatMap(
            stretch ->
                Arrays.stream(stretch.numbers)
                    .mapToObj(number -> RowFactory.create(number, reason))
                    .iterator());
  }

  private JavaRDD<Stretch> stretches(int[] places) {
    List<Stretch> stretches = new ArrayList<>();
    for (int first = 0; first < places.length; first += STRETCH) {
      int[] some = Arrays.copyOfRange(places, first, Math.min(places.length, first + STRETCH));
      stretches.add(
          new Stretch(
              first,
              Arrays.stream(some).mapToLong(place -> numbers[place]).toArray(),
              Arrays.stream(some).map(place -> lengths[place]).toArray()));
    }
    return JavaSparkContext.fromSparkContext(samples.sparkSession().sparkContext())
        .parallelize(stretches, Math.max(1, stretches.size()));
  }

  /**
   * Samples one after the other in the order of use.
   *
   * @param first the turn of the first
   */
  private record Stretch(int first, long[] numbers, int[] lengths) implements Serializable {
    Row row(int i, int pairsPerStep, int epoch) {
      int turn = first + i;
      int position = turn % pairsPerStep;
      return RowFactory.create(
          epoch,
          (long) (turn / pairsPerStep),
          position,
          position,
          numbers[i],
          0,
          lengths[i],
          Plan.MIXED);
    }
  }

  /**
   * The samples of a partition.
   *
   * @param columns [columns][samples], float[dims] or text
   */
  private record Part(long[] numbers, int[] lengths, Object[][] columns) implements Serializable {
    static Part of(Iterator<Row> rows, int count) {
      List<Long> numbers = new ArrayList<>();
      List<Integer> lengths = new ArrayList<>();
      List<List<Object>> columns = new ArrayList<>();
      for (int c = 0; c < count; c++) {
        columns.add(new ArrayList<>());
      }
      while (rows.hasNext()) {
        Row row = rows.next();
        numbers.add(row.getLong(0));
        lengths.add(row.getInt(1));
        for (int c = 0; c < count; c++) {
          columns
              .get(c)
              .add(row.get(2 + c) instanceof String text ? text : RowVectors.of(row, 2 + c));
        }
      }
      return new Part(
          numbers.stream().mapToLong(Long::longValue).toArray(),
          lengths.stream().mapToInt(Integer::intValue).toArray(),
          columns.stream().map(List::toArray).toArray(Object[][]::new));
    }
  }
}
