package io.batchwright.data.corpus;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table or view of Spark's catalog.
 *
 * @param table its name
 * @param source the value of the column {@code source}; empty for the input's own column of that
 *     name, or the table's name
 * @param columns which columns are what
 * @param maximumDocumentBytes a longer text, in UTF-8, is quarantined as {@code too_large}
 */
public record SparkTable(String table, String source, Columns columns, long maximumDocumentBytes)
    implements CorpusSource {
  /** Usual column names, documents up to 16 MB. */
  public static final SparkTable DEFAULTS =
      new SparkTable("corpus", "", Columns.DEFAULTS, 16L << 20);

  public SparkTable {
    Check.notBlank("SparkTable.table", table);
    Check.positive("SparkTable.maximumDocumentBytes", maximumDocumentBytes);
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
    String named = source.isBlank() ? table : source;
    Dataset<Row> rows = SparkRows.located(spark.table(table), describe());
    return new DocumentRows(describe(), named, columns, maximumDocumentBytes).of(rows);
  }
}
