package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What tasks that compare candidates put out: removals, and one row of counts a task, so that the
 * counts are those of the tasks whose rows were used.
 */
final class Verdicts {
  /** A removal, or with ordinal -1 the counts of a task. */
  static final StructType SCHEMA =
      new StructType()
          .add("ordinal", DataTypes.LongType, false)
          .add("survivor", DataTypes.LongType, false)
          .add("similarity", DataTypes.DoubleType, true)
          .add("compared", DataTypes.LongType, false)
          .add("verified", DataTypes.LongType, false)
          .add("beyond_cap", DataTypes.LongType, false);

  private Verdicts() {}

  static Row removed(long ordinal, long survivor, double similarity) {
    return RowFactory.create(ordinal, survivor, similarity, 0L, 0L, 0L);
  }

  static Row figures(long compared, long verified, long beyondCap) {
    return RowFactory.create(-1L, -1L, null, compared, verified, beyondCap);
  }

  /** The removals among {@code verdicts}, in {@link Duplicates#SCHEMA}. */
  static Dataset<Row> removals(Dataset<Row> verdicts) {
    return verdicts.where(col("ordinal").geq(0)).select("ordinal", "survivor", "similarity");
  }

  static SortedMap<String, Long> figures(Dataset<Row> verdicts) {
    Row sums =
        verdicts
            .where(col("ordinal").lt(0))
            .agg(
                coalesce(sum("compared"), lit(0L)),
                coalesce(sum("verified"), lit(0L)),
                coalesce(sum("beyond_cap"), lit(0L)))
            .head();
    return figures(sums, 0);
  }

  /** The removals among verdicts on the driver. */
  static List<Row> removals(List<Row> verdicts) {
    return verdicts.stream()
        .filter(row -> row.getLong(0) >= 0)
        .map(row -> RowFactory.create(row.get(0), row.get(1), row.get(2)))
        .toList();
  }

  static SortedMap<String, Long> figures(List<Row> verdicts) {
    SortedMap<String, Long> sums = none();
    verdicts.stream()
        .filter(row -> row.getLong(0) < 0)
        .forEach(
            row -> figures(row, 3).forEach((name, value) -> sums.merge(name, value, Long::sum)));
    return sums;
  }

  static SortedMap<String, Long> none() {
    return figures(RowFactory.create(0L, 0L, 0L), 0);
  }

  private static SortedMap<String, Long> figures(Row row, int from) {
    SortedMap<String, Long> figures = new TreeMap<>();
    figures.put("candidate_pairs", row.getLong(from));
    figures.put("verified_pairs", row.getLong(from + 1));
    figures.put("beyond_cap", row.getLong(from + 2));
    return figures;
  }
}
