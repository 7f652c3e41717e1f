package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;

import io.batchwright.data.corpus.CorpusRows.Place;
import io.batchwright.data.corpus.PairLines.BadLine;
import io.batchwright.data.corpus.PairLines.Passage;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;

/**
 * Pairs in a table or view of Spark's catalog, a query and what answers it in each row. Equal texts
 * are one document, equal queries one query; a row without a query or an answer is quarantined as
 * {@code empty_text}.
 *
 * @param table its name
 * @param source the value of the column {@code source}; empty for the table's name
 * @param query the column of queries, a string
 * @param positive the column of answers, a string or an array of strings
 * @param maximumRowBytes a row with longer texts, in UTF-8, is quarantined as {@code too_large}
 */
public record SparkPairs(
    String table, String source, String query, String positive, long maximumRowBytes)
    implements CorpusSource {
  /** Columns {@code query} and {@code positive}, rows up to 64 MB. */
  public static final SparkPairs DEFAULTS =
      new SparkPairs("pairs", "", "query", "positive", 64L << 20);

  public SparkPairs {
    Check.notBlank("SparkPairs.table", table);
    Check.notBlank("SparkPairs.query", query);
    Check.notBlank("SparkPairs.positive", positive);
    Check.positive("SparkPairs.maximumRowBytes", maximumRowBytes);
  }

  @Override
  public List<String> paths() {
    return List.of();
  }

  @Override
  public String describe() {
    return "table " + table;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    if (!spark.catalog().tableExists(table)) {
      throw BatchwrightException.usage("There is no table or view named " + table + ".");
    }
    Dataset<Row> rows = spark.table(table);
    require(rows, "query", query, false);
    require(rows, "positive", positive, true);
    Column answers = quoted(positive);
    Dataset<Row> pairs =
        rows.select(
            quoted(query).as("query"),
            (type(rows, positive) instanceof StringType ? array(answers) : answers).as("positive"));
    Dataset<Row> located =
        SparkRows.located(pairs, describe())
            .select("_bw_path", "_bw_order", "_bw_position", "query", "positive");
    return spark.createDataFrame(
        located.javaRDD().flatMap(new Pairs(source.isBlank() ? table : source, maximumRowBytes)),
        CorpusRows.SCHEMA);
  }

  private void require(Dataset<Row> rows, String field, String column, boolean list) {
    if (!List.of(rows.columns()).contains(column)) {
      throw BatchwrightException.usage(
          "SparkPairs.%s names %s, but %s has no such column. It has: %s."
              .formatted(field, column, describe(), String.join(", ", rows.columns())));
    }
    DataType type = type(rows, column);
    boolean texts =
        list && type instanceof ArrayType array && array.elementType() instanceof StringType;
    if (!(type instanceof StringType) && !texts) {
      throw BatchwrightException.usage(
          "SparkPairs.%s must name a column of %s, but %s of %s is %s."
              .formatted(
                  field,
                  list ? "strings or arrays of strings" : "strings",
                  column,
                  describe(),
                  type.sql()));
    }
  }

  private static DataType type(Dataset<Row> rows, String column) {
    return rows.schema().apply(column).dataType();
  }

  private static Column quoted(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }

  /** Rows of path, order, position, query and answers to {@link CorpusRows}. */
  private record Pairs(String source, long maximumBytes) implements FlatMapFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Row row) {
      Place place = new Place(row.getString(0), row.getString(2), row.getLong(1));
      String query = row.isNullAt(3) ? "" : row.getString(3);
      List<Row> rows = new ArrayList<>();
      try {
        PairLines.add("", query, passages(row, query), place, source, rows);
        return rows.iterator();
      } catch (BadLine e) {
        return List.of(CorpusRows.quarantined(e.getMessage(), query, place, 0)).iterator();
      }
    }

    private List<Passage> passages(Row row, String query) throws BadLine {
      List<Passage> passages = new ArrayList<>();
      long bytes = bytes(query);
      for (Object text : row.isNullAt(4) ? List.of() : row.getList(4)) {
        if (text != null) {
          bytes += bytes((String) text);
          passages.add(Passage.of(source, (String) text, true));
        }
      }
      if (bytes > maximumBytes) {
        throw new BadLine("too_large");
      }
      return passages;
    }

    private static long bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
  }
}
