package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;

import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The documents that share a bucket, with their components and the weight of their shingles. */
final class CandidateTable {
  private static final StructType SCHEMA =
      new StructType()
          .add("component", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("origin", DataTypes.LongType, false)
          .add("print", DataTypes.BinaryType, false)
          .add("doc_id", DataTypes.StringType, false)
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false)
          .add("weight", DataTypes.LongType, false);

  private CandidateTable() {}

  /**
   * The candidates of {@code search}.
   *
   * @param components (node, root) of each document that shares a bucket
   */
  static Dataset<Row> of(DuplicateSearch search, Dataset<Row> components) {
    MapPartitionsFunction<Row, Row> weighing = CandidateTable::weighed;
    return search
        .roster()
        .join(
            search.sizes().small(components, components.count()),
            col("ordinal").equalTo(col("node")))
        .select(
            col("root").as("component"),
            col("ordinal"),
            col("origin"),
            col("print"),
            col("doc_id"),
            col("id_high"),
            col("id_low"))
        .mapPartitions(weighing, Encoders.row(SCHEMA));
  }

  private static Iterator<Row> weighed(Iterator<Row> rows) {
    return RowByRow.of(
        rows,
        row ->
            RowFactory.create(
                row.get(0),
                row.get(1),
                row.get(2),
                row.get(3),
                row.get(4),
                row.get(5),
                row.get(6),
                (long) BandKeys.shingles(row.getAs(3))));
  }
}
