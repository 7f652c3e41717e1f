package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The second reading of the texts: the shingle sets of candidates only. */
final class CandidateShingles {
  /** What candidates bring along, then their packed shingle set. */
  static final StructType SCHEMA =
      new StructType()
          .add("component", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("origin", DataTypes.LongType, false)
          .add("print", DataTypes.BinaryType, false)
          .add("shingles", DataTypes.BinaryType, false);

  private CandidateShingles() {}

  /**
   * Adds the shingles to {@code candidates} (component, ordinal, origin, print, doc_id).
   *
   * @param count how many candidates there are
   */
  static Dataset<Row> of(
      Dataset<Row> documents, Dataset<Row> candidates, long count, Shingles shingles) {
    return documents
        .select("doc_id", "text")
        .join(broadcast(candidates), "doc_id")
        .select(col("component"), col("ordinal"), col("origin"), col("print"), col("text"))
        .mapPartitions(shingling(shingles), Encoders.row(SCHEMA));
  }

  private static MapPartitionsFunction<Row, Row> shingling(Shingles shingles) {
    return rows -> {
      ShingleHasher hasher = shingles.hasher();
      return new RowByRow(rows) {
        @Override
        Row convert(Row row) {
          hasher.hash(row.getString(4));
          byte[] set = Shingles.pack(hasher.hashes(), hasher.distinct());
          return RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), set);
        }
      };
    };
  }
}
