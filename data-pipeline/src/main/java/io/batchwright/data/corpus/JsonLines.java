package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One JSON object a line, plain or compressed (.gz, .bz2, .zst).
 *
 * <p>Quarantined: {@code malformed_json}, {@code invalid_utf8}, {@code empty_text}, {@code
 * too_large}; positions are byte offsets.
 *
 * @param path files, folders or globs, through Hadoop's FileSystem
 * @param source the value of the column {@code source}; empty for the input's own column of that
 *     name, or the path
 * @param columns which columns are what
 * @param schema the columns and their types as DDL ({@code id STRING, text STRING, stars INT});
 *     empty to find them by reading the input once more
 * @param maximumDocumentBytes a longer line is quarantined as {@code too_large}
 */
public record JsonLines(
    String path, String source, Columns columns, String schema, long maximumDocumentBytes)
    implements CorpusSource {
  /** Usual column names, documents up to 16 MB. */
  public static final JsonLines DEFAULTS =
      new JsonLines("corpus.jsonl", "", Columns.DEFAULTS, "", 16L << 20);

  private static final String MALFORMED = "_bw_malformed";

  public JsonLines {
    Check.notBlank("JsonLines.path", path);
    Check.positive("JsonLines.maximumDocumentBytes", maximumDocumentBytes);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    Dataset<Row> lines = InputLines.read(spark, path, maximumDocumentBytes);
    StructType fields = schema.isBlank() ? inferred(spark, lines) : StructType.fromDDL(schema);
    Column json =
        from_json(
            col("_bw_line"),
            fields.add(MALFORMED, DataTypes.StringType),
            Map.of("mode", "PERMISSIVE", "columnNameOfCorruptRecord", MALFORMED));
    Dataset<Row> parsed = lines.withColumn("_bw_json", json);
    Column malformed =
        col("_bw_line")
            .isNotNull()
            .and(col("_bw_json").isNull().or(col("_bw_json." + MALFORMED).isNotNull()));
    Column reason =
        when(col("_bw_reason").isNotNull(), col("_bw_reason"))
            .when(malformed, lit("malformed_json"));
    List<Column> selected =
        new ArrayList<>(
            List.of(
                col("_bw_path"),
                col("_bw_order"),
                col("_bw_position"),
                reason.as("_bw_reason"),
                col("_bw_excerpt")));
    for (StructField field : fields.fields()) {
      selected.add(col("_bw_json").getField(field.name()).as(field.name()));
    }
    return new DocumentRows(path, source, columns, maximumDocumentBytes)
        .of(parsed.select(selected.toArray(Column[]::new)));
  }

  private StructType inferred(SparkSession spark, Dataset<Row> lines) {
    StructType found =
        spark
            .read()
            .option("columnNameOfCorruptRecord", MALFORMED)
            .json(lines.where("_bw_line is not null").select("_bw_line").as(Encoders.STRING()))
            .schema();
    StructType fields = new StructType();
    for (StructField field : found.fields()) {
      fields = field.name().equals(MALFORMED) ? fields : fields.add(field);
    }
    if (fields.isEmpty()) {
      throw BatchwrightException.data(path + ": no line holds a JSON object.");
    }
    return fields;
  }
}
