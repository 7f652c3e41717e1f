package io.batchwright.data.mixture;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.technique.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Fills a mixture's quotas from a table. */
record Draw(Mixture mixture, String idColumn, long total, long seed) {
  private static final StructType QUOTAS =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("whole_times", DataTypes.IntegerType, false)
          .add("remainder", DataTypes.LongType, false);

  Draw {
    Check.atLeast("Mixture.total", total, 0);
  }

  Dataset<Row> from(Dataset<Row> table) {
    SortedMap<String, Long> rows = new TreeMap<>();
    for (Row row : table.groupBy("source").count().collectAsList()) {
      rows.put(row.getString(0), row.getLong(1));
    }
    long wanted = total > 0 ? total : rows.values().stream().mapToLong(Long::longValue).sum();
    List<Row> quotas = new ArrayList<>();
    quotas(mixture.shares(rows), wanted)
        .forEach(
            (source, quota) -> {
              long have = rows.get(source);
              quotas.add(RowFactory.create(source, Math.toIntExact(quota / have), quota % have));
            });
    Dataset<Row> plan = table.sparkSession().createDataset(quotas, Encoders.row(QUOTAS));
    return repeated(table, plan);
  }

  private Dataset<Row> repeated(Dataset<Row> table, Dataset<Row> plan) {
    var order =
        Window.partitionBy("source").orderBy(xxhash64(lit(seed), col(idColumn)), col(idColumn));
    var columns = new ArrayList<>(Arrays.stream(table.columns()).map(c -> col(c)).toList());
    columns.add(col("repetition"));
    return table
        .withColumn("place", row_number().over(order))
        .join(broadcast(plan), "source")
        .withColumn(
            "times",
            col("whole_times").plus(when(col("place").leq(col("remainder")), 1).otherwise(0)))
        .where(col("times").gt(0))
        .withColumn("repetition", explode(sequence(lit(0), col("times").minus(1))))
        .select(columns.toArray(new Column[0]));
  }

  /** Whole rows by the largest remainder, ties by source name; they sum to {@code wanted}. */
  static SortedMap<String, Long> quotas(SortedMap<String, Double> shares, long wanted) {
    SortedMap<String, Long> quotas = new TreeMap<>();
    shares.forEach((source, share) -> quotas.put(source, (long) Math.floor(share * wanted)));
    long missing = wanted - quotas.values().stream().mapToLong(Long::longValue).sum();
    Comparator<String> byRemainder =
        Comparator.comparingDouble(source -> quotas.get(source) - shares.get(source) * wanted);
    List<String> order =
        shares.keySet().stream()
            .sorted(byRemainder.thenComparing(Comparator.naturalOrder()))
            .limit(missing)
            .toList();
    order.forEach(source -> quotas.merge(source, 1L, Long::sum));
    return quotas;
  }
}
