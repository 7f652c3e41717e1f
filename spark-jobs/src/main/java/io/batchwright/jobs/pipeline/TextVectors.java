package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageContext;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Vectors made by {@code encode} or elsewhere, under the numbers that this run gave its texts. */
final class TextVectors {
  static final String TABLE = "embeddings";

  private TextVectors() {}

  /**
   * Reads and checks vectors.
   *
   * @param what their name in messages
   * @param path the folder of a run of {@code encode}, or Parquet files with {@code kind, id,
   *     embedding}
   * @return {@code text_id, embedding}
   */
  static Dataset<Row> read(StageContext context, String what, String path) {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    Dataset<Row> stored =
        RunTables.of(path, hadoop)
            .map(run -> run.read(context.spark(), TABLE))
            .orElseGet(() -> context.spark().read().parquet(path));
    Dataset<Row> ids =
        context
            .read("texts")
            .select(col("text_id").cast("string").as("number"), col("kind"), col("id"));
    Dataset<Row> numbered =
        stored
            .select("kind", "id", "embedding")
            .where(col("kind").isin(TextIds.QUERY, TextIds.DOCUMENT))
            .join(ids, new String[] {"kind", "id"})
            .select(col("number").as("id"), col("embedding"));
    EmbeddingTable.check(what, numbered);
    return numbered.select(col("id").cast("bigint").as("text_id"), col("embedding"));
  }

  /** What of {@code path} is an input of the run. */
  static String input(String path, Configuration hadoop) {
    return RunTables.of(path, hadoop).map(run -> run.folder(TABLE).toString()).orElse(path);
  }
}
