package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Makes {@link CorpusRows} out of a table of any columns, in SQL, so that the user's columns keep
 * their types.
 *
 * <p>The input carries its own lineage in the columns {@code _bw_path, _bw_order, _bw_position,
 * _bw_reason, _bw_excerpt}; a row with a reason is quarantined as it is. A user column whose name
 * {@link CorpusRows} uses itself becomes {@code user_NAME}.
 */
record DocumentRows(String describe, String source, Columns columns, long maximumDocumentBytes) {
  private static final List<String> USED = List.of(CorpusRows.SCHEMA.fieldNames());

  Dataset<Row> of(Dataset<Row> input) {
    StructType schema = input.schema();
    String textColumn = columns.textColumn(schema, describe);
    Optional<String> idColumn = columns.idColumn(schema, describe);
    Optional<String> metaColumn = metaColumn(schema);
    Column text = quoted(textColumn).cast("string");
    Dataset<Row> judged =
        input
            .withColumn("_bw_reason", coalesce(col("_bw_reason"), reason(text)))
            .withColumn("_bw_source", sourceOf(schema));
    Column good = col("_bw_reason").isNull();
    Column given = idColumn.map(DocumentRows::given).orElse(lit(null).cast("string"));
    Column derived = udf(new ContentId(), DataTypes.StringType).apply(col("_bw_source"), text);
    Map<String, Column> row = new LinkedHashMap<>();
    row.put("kind", when(good, CorpusRows.DOCUMENT).otherwise(CorpusRows.QUARANTINED));
    row.put("doc_id", when(good, coalesce(given, derived)));
    row.put(
        "id_origin",
        when(good, when(given.isNull(), CorpusRows.DERIVED).otherwise(CorpusRows.GIVEN)));
    row.put("source", when(good, col("_bw_source")));
    row.put("text", when(good, text));
    row.put("meta", metaColumn.map(DocumentRows::quoted).map(c -> when(good, c)).orElse(lit(null)));
    row.put("reason", col("_bw_reason"));
    row.put("input_path", col("_bw_path"));
    row.put("input_position", col("_bw_position"));
    row.put("input_order", col("_bw_order"));
    row.put(
        "excerpt", when(good.unary_$bang(), coalesce(col("_bw_excerpt"), substring(text, 1, 200))));
    row.put("records", lit(1L));
    row.put("expanded", lit(0L));
    List<String> taken = new ArrayList<>(List.of(textColumn));
    idColumn.ifPresent(taken::add);
    metaColumn.ifPresent(taken::add);
    return judged.select(selection(row, schema, taken, good));
  }

  private Column[] selection(
      Map<String, Column> row, StructType schema, List<String> taken, Column good) {
    List<Column> selected = new ArrayList<>();
    for (var field : CorpusRows.SCHEMA.fields()) {
      selected.add(
          row.getOrDefault(field.name(), lit(null)).cast(field.dataType()).as(field.name()));
    }
    for (String name : columns.keptColumns(schema, describe)) {
      if (!taken.contains(name) && !name.equalsIgnoreCase("source")) {
        boolean clashes = USED.stream().anyMatch(name::equalsIgnoreCase);
        selected.add(when(good, quoted(name)).as(clashes ? "user_" + name : name));
      }
    }
    return selected.toArray(Column[]::new);
  }

  private Column reason(Column text) {
    return when(text.isNull().or(trim(text, " \t\r\n").equalTo("")), "empty_text")
        .when(octet_length(text).gt(maximumDocumentBytes), "too_large");
  }

  private Column sourceOf(StructType schema) {
    boolean has = Arrays.stream(schema.fieldNames()).anyMatch("source"::equalsIgnoreCase);
    Column named = lit(source.isBlank() ? describe : source);
    return has && source.isBlank() ? coalesce(col("source").cast("string"), named) : named;
  }

  private static Column given(String idColumn) {
    Column id = quoted(idColumn).cast("string");
    return when(trim(id).notEqual(""), id);
  }

  private static Optional<String> metaColumn(StructType schema) {
    return Arrays.stream(schema.fields())
        .filter(f -> f.name().equalsIgnoreCase("meta"))
        .filter(f -> f.dataType().sameType(CorpusRows.SCHEMA.apply("meta").dataType()))
        .map(f -> f.name())
        .findFirst();
  }

  private static Column quoted(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
