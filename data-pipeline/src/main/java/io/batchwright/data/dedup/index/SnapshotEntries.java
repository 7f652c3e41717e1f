package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.CompactShingles;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.RowByRow;
import io.batchwright.data.dedup.Shingles;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows that a snapshot puts into its index.
 *
 * @param recipe what the index was made with
 * @param documents (doc_id, source, text) of the snapshot
 * @param prints their fingerprints
 * @param snapshot its name
 */
record SnapshotEntries(
    Deduplicate recipe, Dataset<Row> documents, Dataset<Row> prints, String snapshot) {
  private static final StructType NUMBERED =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("number", DataTypes.LongType, false);
  private static final StructType SETS =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("shingles", DataTypes.BinaryType, true);

  /**
   * Its entries.
   *
   * @param numbered (doc_id, number) of what stays
   * @param removed {@link IndexMatches#COLUMNS} of what goes
   */
  Dataset<Row> of(Dataset<Row> numbered, Dataset<Row> removed) {
    return whole(survivors(numbered).unionByName(removed(removed), true));
  }

  /** (doc_id, number) of what enters, in the order of doc_id. */
  static Dataset<Row> numbered(Dataset<Row> entering, long first) {
    JavaRDD<Row> numbered =
        entering
            .select("doc_id")
            .orderBy("doc_id")
            .toJavaRDD()
            .zipWithIndex()
            .map(entry -> RowFactory.create(entry._1.get(0), first + entry._2));
    return entering.sparkSession().createDataFrame(numbered, NUMBERED);
  }

  private Dataset<Row> survivors(Dataset<Row> numbered) {
    Optional<MinHashLsh> lsh = IndexMatches.lsh(recipe);
    Dataset<Row> entries =
        prints
            .join(numbered, "doc_id")
            .select(
                lit(snapshot).as("snapshot"),
                lit(IndexEntries.SURVIVOR).as("state"),
                col("number"),
                col("doc_id"),
                col("source"),
                col(IndexMatches.print(recipe, ExactHash.class)).as("content"),
                (lsh.isPresent()
                        ? col(IndexMatches.print(recipe, MinHashLsh.class))
                        : lit(null).cast(DataTypes.BinaryType))
                    .as("bands"));
    if (lsh.isEmpty()) {
      return entries;
    }
    Dataset<Row> sets =
        documents
            .select("doc_id", "text")
            .mapPartitions(sets(lsh.get().shingles()), Encoders.row(SETS));
    return entries.join(sets, "doc_id");
  }

  private static MapPartitionsFunction<Row, Row> sets(Shingles shingles) {
    return rows -> {
      var hasher = shingles.hasher();
      return RowByRow.of(
          rows, row -> RowFactory.create(row.get(0), CompactShingles.of(hasher, row.getString(1))));
    };
  }

  private Dataset<Row> removed(Dataset<Row> matches) {
    return matches
        .withColumn("snapshot", lit(snapshot))
        .withColumn("state", lit(IndexEntries.REMOVED));
  }

  private static Dataset<Row> whole(Dataset<Row> entries) {
    return Tables.empty(entries.sparkSession(), IndexEntries.SCHEMA)
        .unionByName(entries, true)
        .select(
            Arrays.stream(IndexEntries.SCHEMA.fieldNames())
                .map(name -> col(name))
                .toArray(Column[]::new));
  }
}
