package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.failure.BatchwrightException;
import java.util.List;
import net.openhft.hashing.LongHashFunction;
import net.openhft.hashing.LongTupleHashFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * One narrow row a document, made in one pass over the texts: everything that deduplication needs
 * of it but the shingles of candidates. About 200 bytes with 16 bands.
 *
 * <table>
 * <caption>Columns</caption>
 * <tr><td>doc_id, source, snapshot</td><td>as given; snapshot is null without such a column</td></tr>
 * <tr><td>id_high, id_low</td><td>128-bit XXH3 of doc_id: joins on two longs instead of text</td></tr>
 * <tr><td>origin</td><td>64-bit hash of source</td></tr>
 * <tr><td>part</td><td>documents of different parts are never compared: 0, or the hash of the source
 *     or snapshot, by scope</td></tr>
 * <tr><td>place, quality, length</td><td>what the order of survival is made of: the source's place
 *     in the priority list, the quality score (null: unknown), the length in UTF-16 units</td></tr>
 * <tr><td>print_0, print_1, ...</td><td>what each deduplicator of the recipe compares ({@link
 *     ExactHash}: 16 bytes; {@link MinHashLsh}: {@link BandKeys}); null where there is nothing</td></tr>
 * </table>
 */
public final class Fingerprints {
  private static final LongTupleHashFunction ID = LongTupleHashFunction.xx128();
  private static final LongHashFunction PART = LongHashFunction.xx3(11);

  private Fingerprints() {}

  /** The fingerprint column of the deduplicator number {@code level}. */
  public static String print(int level) {
    return "print_" + level;
  }

  /** The schema of the fingerprints of {@code levels} deduplicators. */
  public static StructType schema(int levels) {
    StructType schema =
        new StructType()
            .add("doc_id", DataTypes.StringType, false)
            .add("id_high", DataTypes.LongType, false)
            .add("id_low", DataTypes.LongType, false)
            .add("source", DataTypes.StringType, false)
            .add("snapshot", DataTypes.StringType, true)
            .add("origin", DataTypes.LongType, false)
            .add("part", DataTypes.LongType, false)
            .add("place", DataTypes.IntegerType, false)
            .add("quality", DataTypes.DoubleType, true)
            .add("length", DataTypes.IntegerType, false);
    for (int level = 0; level < levels; level++) {
      schema = schema.add(print(level), DataTypes.BinaryType, true);
    }
    return schema;
  }

  /**
   * The fingerprints of {@code documents}, not yet computed.
   *
   * @throws BatchwrightException if a column is missing or of another type
   */
  public static Dataset<Row> of(Deduplicate recipe, Dataset<Row> documents) {
    return of(recipe, documents, null, schema(recipe.deduplicators().size()));
  }

  /**
   * The same with a last column {@code unit}, {@link ClusterSample#unit} of {@code sample}: both in
   * one pass over the texts.
   */
  public static Dataset<Row> withUnits(
      Deduplicate recipe, Dataset<Row> documents, ClusterSample sample) {
    StructType schema = schema(recipe.deduplicators().size());
    return of(recipe, documents, sample, schema.add("unit", DataTypes.LongType, false));
  }

  private static Dataset<Row> of(
      Deduplicate recipe, Dataset<Row> documents, ClusterSample sample, StructType schema) {
    requireColumns(recipe, documents.schema());
    MapPartitionsFunction<Row, Row> taking = rows -> new FingerprintRows(recipe, sample, rows);
    return documents
        .select(
            col("doc_id"),
            col("source"),
            col("text"),
            optional(documents, recipe.snapshotColumn(), DataTypes.StringType),
            optional(documents, recipe.qualityColumn(), DataTypes.DoubleType))
        .mapPartitions(taking, Encoders.row(schema));
  }

  /**
   * Fingerprints with their {@code ordinal}: the place in the total order that decides who
   * survives, counted from 0 without gaps. It goes by the source's place in the priority list, then
   * the higher quality score (unknown scores last), then the longer text, then the lower doc_id.
   *
   * @param fingerprints read several times, so computed already
   */
  public static Dataset<Row> ordered(Dataset<Row> fingerprints) {
    JavaRDD<Row> sorted =
        fingerprints
            .orderBy(
                col("place"), col("quality").desc_nulls_last(), col("length").desc(), col("doc_id"))
            .toJavaRDD();
    JavaRDD<Row> numbered =
        sorted
            .zipWithIndex()
            .map(
                entry -> {
                  Object[] values = new Object[entry._1.length() + 1];
                  values[0] = entry._2;
                  for (int i = 1; i < values.length; i++) {
                    values[i] = entry._1.get(i - 1);
                  }
                  return RowFactory.create(values);
                });
    return fingerprints
        .sparkSession()
        .createDataFrame(numbered, withOrdinal(fingerprints.schema()));
  }

  static StructType withOrdinal(StructType fingerprints) {
    StructType schema = new StructType().add("ordinal", DataTypes.LongType, false);
    for (var field : fingerprints.fields()) {
      schema = schema.add(field);
    }
    return schema;
  }

  /**
   * Refuses documents of which two have one id.
   *
   * @throws BatchwrightException naming up to three of the ids
   */
  static void requireDistinctIds(Dataset<Row> fingerprints) {
    Dataset<Row> repeated =
        fingerprints.groupBy("id_high", "id_low").count().where(col("count").gt(1));
    List<Row> found = repeated.takeAsList(1000);
    if (!found.isEmpty()) {
      Dataset<Row> named =
          fingerprints
              .join(repeated, new String[] {"id_high", "id_low"})
              .select("doc_id")
              .distinct()
              .orderBy("doc_id");
      throw repeated(named.takeAsList(3).stream().map(row -> row.getString(0)).toList());
    }
  }

  static BatchwrightException repeated(List<String> ids) {
    return BatchwrightException.data(
        "Deduplication needs one document a doc_id, but these stand more than once: %s."
            .formatted(ids));
  }

  static long origin(String source) {
    return PART.hashChars(source);
  }

  static void idHash(String docId, long[] halves) {
    ID.hashChars(docId, halves);
  }

  private static Column optional(
      Dataset<Row> documents, String name, org.apache.spark.sql.types.DataType type) {
    boolean given = List.of(documents.columns()).contains(name);
    return (given ? col("`" + name + "`") : lit(null)).cast(type);
  }

  private static void requireColumns(Deduplicate recipe, StructType schema) {
    for (String name : List.of("doc_id", "source", "text")) {
      require(schema, name, "string", "Deduplication");
    }
    if (!recipe.qualityColumn().isEmpty()) {
      require(schema, recipe.qualityColumn(), "number", "Deduplicate.qualityColumn");
    }
    if (recipe.scope() == Scope.PER_SNAPSHOT) {
      require(schema, recipe.snapshotColumn(), "string, number or date", "Deduplicate.scope");
    }
  }

  private static void require(StructType schema, String name, String wanted, String who) {
    if (!List.of(schema.fieldNames()).contains(name)) {
      throw BatchwrightException.data(
          "%s needs the column %s (%s), but the table has only %s."
              .formatted(who, name, wanted, String.join(", ", schema.fieldNames())));
    }
    var type = schema.apply(name).dataType();
    boolean fits =
        switch (wanted) {
          case "string" -> type.equals(DataTypes.StringType);
          case "number" -> type instanceof NumericType;
          default ->
              type.equals(DataTypes.StringType)
                  || type instanceof NumericType
                  || type.equals(DataTypes.DateType)
                  || type.equals(DataTypes.TimestampType);
        };
    if (!fits) {
      throw BatchwrightException.data(
          "%s needs the column %s as %s, but it is %s."
              .formatted(who, name, wanted, type.simpleString()));
    }
  }
}
