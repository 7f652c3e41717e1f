package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Check;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Text files, one document a line, plain or compressed. Quarantined: {@code invalid_utf8}, {@code
 * too_large}; blank lines are passed over. Ids are derived ({@link ContentId}).
 *
 * @param path files, folders or globs, through Hadoop's FileSystem
 * @param source the value of the column {@code source}; empty for the path
 * @param maximumDocumentBytes a longer line is quarantined as {@code too_large}
 */
public record PlainText(String path, String source, long maximumDocumentBytes)
    implements CorpusSource {
  /** Documents up to 16 MB. */
  public static final PlainText DEFAULTS = new PlainText("corpus.txt", "", 16L << 20);

  public PlainText {
    Check.notBlank("PlainText.path", path);
    Check.positive("PlainText.maximumDocumentBytes", maximumDocumentBytes);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    Dataset<Row> lines =
        InputLines.read(spark, path, maximumDocumentBytes)
            .withColumn("text", col("_bw_line"))
            .drop("_bw_line");
    Columns columns = new Columns("", "text", List.of("text"));
    return new DocumentRows(path, source, columns, maximumDocumentBytes).of(lines);
  }
}
