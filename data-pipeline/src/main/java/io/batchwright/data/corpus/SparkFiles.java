package io.batchwright.data.corpus;

import io.batchwright.technique.Check;
import java.util.List;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Files in any format Spark reads: parquet, orc, csv, delta (with the delta-spark package on the
 * class path), ... For JSON lines {@link JsonLines} finds bad lines that Spark's reader replaces.
 *
 * @param path files, folders or globs, through Hadoop's FileSystem
 * @param format Spark's name of the format
 * @param options the format's options, as {@code key=value}
 * @param source the value of the column {@code source}; empty for the input's own column of that
 *     name, or the path
 * @param columns which columns are what
 * @param maximumDocumentBytes a longer text, in UTF-8, is quarantined as {@code too_large}
 */
public record SparkFiles(
    String path,
    String format,
    List<String> options,
    String source,
    Columns columns,
    long maximumDocumentBytes)
    implements CorpusSource {
  /** Parquet with usual column names, documents up to 16 MB. */
  public static final SparkFiles DEFAULTS =
      new SparkFiles("corpus", "parquet", List.of(), "", Columns.DEFAULTS, 16L << 20);

  public SparkFiles {
    Check.notBlank("SparkFiles.path", path);
    Check.notBlank("SparkFiles.format", format);
    Check.positive("SparkFiles.maximumDocumentBytes", maximumDocumentBytes);
    options = List.copyOf(options);
    for (String option : options) {
      Check.that(option.indexOf('=') > 0, "SparkFiles.options", "must be key=value, got " + option);
    }
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    InputFiles.require(path, spark);
    DataFrameReader reader = spark.read().format(format);
    for (String option : options) {
      int equals = option.indexOf('=');
      reader = reader.option(option.substring(0, equals), option.substring(equals + 1));
    }
    Dataset<Row> table = SparkRows.located(reader.load(path), path);
    return new DocumentRows(path, source, columns, maximumDocumentBytes).of(table);
  }
}
