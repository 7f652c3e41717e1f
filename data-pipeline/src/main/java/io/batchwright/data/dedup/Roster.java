package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.failure.BatchwrightException;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The total order that decides who survives: the source's place in the priority list (sources not
 * listed come after), then the longer text, then the lower doc_id.
 *
 * <p>A document's {@code ordinal} is its place in that order, so the survivor of any set of
 * duplicates is the one with the least ordinal, and clusters need no further rule.
 */
final class Roster {
  private static final StructType SCHEMA =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("source", DataTypes.StringType, false)
          .add("ordinal", DataTypes.LongType, false);

  private Roster() {}

  /** The roster (doc_id, source, ordinal) of {@code documents}. */
  static Dataset<Row> of(Dataset<Row> documents, List<String> sourcePriority) {
    requireDistinctIds(documents);
    JavaRDD<Row> ordered =
        documents
            .select(
                col("doc_id"),
                col("source"),
                place(sourcePriority).as("place"),
                length(col("text")).as("length"))
            .orderBy(col("place"), col("length").desc(), col("doc_id"))
            .select("doc_id", "source")
            .toJavaRDD();
    JavaRDD<Row> numbered =
        ordered
            .zipWithIndex()
            .map(entry -> RowFactory.create(entry._1.get(0), entry._1.get(1), entry._2));
    return documents.sparkSession().createDataFrame(numbered, SCHEMA);
  }

  private static Column place(List<String> sourcePriority) {
    if (sourcePriority.isEmpty()) {
      return lit(0L);
    }
    Column found = array_position(lit(sourcePriority.toArray(new String[0])), col("source"));
    return when(found.gt(0), found).otherwise(lit(Long.MAX_VALUE));
  }

  private static void requireDistinctIds(Dataset<Row> documents) {
    List<Row> repeated =
        documents
            .groupBy("doc_id")
            .count()
            .where(col("count").gt(1))
            .orderBy("doc_id")
            .takeAsList(3);
    if (!repeated.isEmpty()) {
      throw BatchwrightException.data(
          "Deduplication needs one document a doc_id, but these stand more than once: %s."
              .formatted(repeated.stream().map(row -> row.getString(0)).toList()));
    }
  }
}
