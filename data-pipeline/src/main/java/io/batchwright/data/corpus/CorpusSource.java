package io.batchwright.data.corpus;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Something a corpus is read from. Document sources give documents; pair sources give documents,
 * queries and judgements.
 *
 * <p>Paths go through Hadoop's FileSystem and may be files, folders or globs.
 */
public sealed interface CorpusSource extends Serializable
    permits BeirFolder,
        FlagEmbeddingJsonLines,
        JsonLines,
        PlainText,
        SparkFiles,
        SparkPairs,
        SparkSql,
        SparkTable,
        TevatronJsonLines,
        TripletTsv,
        CustomCorpusSource {

  /** What a message calls this source: its path, table or query. */
  String describe();

  /**
   * The paths whose files are this source's identity: names, sizes and times; empty where it has
   * none.
   */
  default List<String> paths() {
    return List.of(describe());
  }

  /** Whether the input itself says which queries are never to be trained on. */
  default boolean holdsOut() {
    return false;
  }

  /**
   * This source as one table: {@link CorpusRows#SCHEMA}, then the user's columns.
   *
   * @throws io.batchwright.data.failure.BatchwrightException with exit code 2 if the path, table or
   *     a column does not exist, 3 if the source is empty
   */
  Dataset<Row> read(SparkSession spark);
}
