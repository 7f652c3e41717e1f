package io.batchwright.data.corpus;

import io.batchwright.data.failure.BatchwrightException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * Reads the sources of a corpus into one table.
 *
 * <pre>{@code
 * Dataset<Row> rows = context.commit("corpus_rows", Corpus.read(spark, sources));
 * CorpusTables tables = CorpusTables.of(rows);
 * }</pre>
 */
public final class Corpus {
  private Corpus() {}

  /**
   * The rows of all sources; a user column that a source lacks is null in its rows.
   *
   * @throws BatchwrightException with exit code 2 if two sources give one column different types
   */
  public static Dataset<Row> read(SparkSession spark, List<? extends CorpusSource> sources) {
    if (sources.isEmpty()) {
      throw BatchwrightException.usage("sources must name at least one source of the corpus.");
    }
    Map<String, DataType> types = new TreeMap<>();
    Dataset<Row> all = null;
    for (CorpusSource source : sources) {
      Dataset<Row> rows = source.read(spark);
      for (StructField field : rows.schema().fields()) {
        DataType before = types.putIfAbsent(field.name(), field.dataType());
        if (before != null && !before.sameType(field.dataType())) {
          throw BatchwrightException.usage(
              "The column %s is %s in %s, but %s in the sources before it. Leave it out with columns.keep or cast it."
                  .formatted(
                      field.name(), field.dataType().sql(), source.describe(), before.sql()));
        }
      }
      all = all == null ? rows : all.unionByName(rows, true);
    }
    return all;
  }
}
