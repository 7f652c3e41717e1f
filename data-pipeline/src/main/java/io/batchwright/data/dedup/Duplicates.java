package io.batchwright.data.dedup;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a deduplicator found.
 *
 * @param table one row a duplicate, in {@link #SCHEMA}
 * @param figures counts to report, by name
 */
public record Duplicates(Dataset<Row> table, SortedMap<String, Long> figures) {
  /** The duplicate's ordinal, its survivor's, and their exact similarity. */
  public static final StructType SCHEMA =
      new StructType()
          .add("ordinal", DataTypes.LongType, false)
          .add("survivor", DataTypes.LongType, false)
          .add("similarity", DataTypes.DoubleType, true);

  public Duplicates {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }

  /** Duplicates found on the driver. */
  static Duplicates local(SparkSession spark, List<Row> rows) {
    return new Duplicates(spark.createDataset(rows, Encoders.row(SCHEMA)), new TreeMap<>());
  }
}
