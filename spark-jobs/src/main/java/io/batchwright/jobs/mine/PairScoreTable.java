package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.RunTables;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Scores that a teacher or guide gave pairs of a query and a document: {@code query_id, doc_id,
 * score}, of a run of {@code mine} that had a guide, or in Parquet files such as a cross-encoder's.
 */
public final class PairScoreTable {
  /** The table of a run of {@code mine} with a guide. */
  public static final String TABLE = "guide_scores";

  private PairScoreTable() {}

  /**
   * Reads and checks scores.
   *
   * @param path the folder of a run of {@code mine}, or Parquet files
   * @throws BatchwrightException with exit code 2 if a column is missing or the run has no guide, 3
   *     if a pair has two scores or one that is no finite number
   */
  public static Dataset<Row> read(SparkSession spark, String path, Configuration hadoop) {
    Optional<RunTables> run = RunTables.of(path, hadoop);
    Dataset<Row> table =
        run.map(tables -> ofRun(spark, path, tables)).orElseGet(() -> spark.read().parquet(path));
    List<String> present = Arrays.asList(table.columns());
    for (String column : List.of("query_id", "doc_id", "score")) {
      if (!present.contains(column)) {
        throw BatchwrightException.usage(
            "%s has no column %s, which scores of pairs need; there are %s."
                .formatted(path, column, String.join(", ", present)));
      }
    }
    Dataset<Row> scores =
        table.select(
            col("query_id").cast("string").as("query_id"),
            col("doc_id").cast("string").as("doc_id"),
            col("score").cast("float").as("score"));
    requireFinite(path, scores);
    if (run.isEmpty()) { // mine scores each pair once
      requireOnce(path, scores);
    }
    return scores;
  }

  /** What of {@code path} is an input of a run. */
  public static String input(String path, Configuration hadoop) {
    return RunTables.of(path, hadoop).map(run -> run.folder(TABLE).toString()).orElse(path);
  }

  private static Dataset<Row> ofRun(SparkSession spark, String path, RunTables run) {
    if (!run.has(TABLE)) {
      throw BatchwrightException.usage(
          "The run in %s holds no scores of a guide: run mine with a guide.".formatted(path));
    }
    return run.read(spark, TABLE);
  }

  private static void requireOnce(String path, Dataset<Row> scores) {
    long repeated = scores.count() - scores.select("query_id", "doc_id").distinct().count();
    if (repeated > 0) {
      throw BatchwrightException.data(
          "%s scores %,d pairs more than once.".formatted(path, repeated));
    }
  }

  private static void requireFinite(String path, Dataset<Row> scores) {
    Dataset<Row> unusable =
        scores.where(
            col("score")
                .isNull()
                .or(isnan(col("score")))
                .or(col("score").equalTo(Float.POSITIVE_INFINITY))
                .or(col("score").equalTo(Float.NEGATIVE_INFINITY)));
    long count = unusable.count();
    if (count > 0) {
      Row first = unusable.orderBy("query_id", "doc_id").head();
      throw BatchwrightException.data(
          "%s has %,d scores that are missing or not finite, such as that of %s and %s."
              .formatted(path, count, first.getString(0), first.getString(1)));
    }
  }
}
