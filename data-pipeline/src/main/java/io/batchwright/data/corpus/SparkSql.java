package io.batchwright.data.corpus;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows of a query.
 *
 * @param sql a SELECT
 * @param source the value of the column {@code source}; empty for the input's own column of that
 *     name, or the query's text
 * @param columns which columns are what
 * @param maximumDocumentBytes a longer text, in UTF-8, is quarantined as {@code too_large}
 */
public record SparkSql(String sql, String source, Columns columns, long maximumDocumentBytes)
    implements CorpusSource {
  /** Usual column names, documents up to 16 MB. */
  public static final SparkSql DEFAULTS =
      new SparkSql("SELECT * FROM corpus", "", Columns.DEFAULTS, 16L << 20);

  public SparkSql {
    Check.notBlank("SparkSql.sql", sql);
    Check.positive("SparkSql.maximumDocumentBytes", maximumDocumentBytes);
  }

  @Override
  public List<String> paths() {
    return List.of();
  }

  @Override
  public String describe() {
    return "query " + CorpusRows.excerpt(sql);
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    Dataset<Row> rows;
    try {
      rows = spark.sql(sql);
    } catch (Exception e) {
      if (e instanceof AnalysisException) { // checked, but Scala's signature does not say so
        throw BatchwrightException.usage("SparkSql.sql cannot be run: " + e.getMessage());
      }
      throw e;
    }
    return new DocumentRows(describe(), source, columns, maximumDocumentBytes)
        .of(SparkRows.located(rows, describe()));
  }
}
