package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The vectors of given queries and documents, from a run of {@code encode} or from files.
 *
 * @param queries [Q, D] of the queries asked for, each of which has one
 * @param documents [N, D] of the documents asked for, each of which has one
 */
record StoredEmbeddings(EmbeddingTable queries, EmbeddingTable documents) {

  /**
   * Reads and checks.
   *
   * @param what the name of the recipe key, for messages
   * @param path see {@link MineRecipe#embeddings}
   * @param documentPath see {@link MineRecipe#documentEmbeddings}
   * @param texts the ids asked for
   * @throws BatchwrightException with exit code 2 if a column is missing, 3 if a vector is missing
   *     or unusable, or queries and documents differ in dims
   */
  static StoredEmbeddings read(
      String what, String path, String documentPath, MineRecipe recipe, Texts texts) {
    SparkSession spark = texts.queries().sparkSession();
    Dataset<Row> ofQueries = table(spark, path, recipe);
    if (documentPath.isEmpty()) {
      requireColumns(what, path, ofQueries, "kind", "id", "embedding");
      return of(what, ofQueries, texts);
    }
    requireColumns(what, path, ofQueries, "id", "embedding");
    Dataset<Row> ofDocuments = table(spark, documentPath, recipe);
    requireColumns(what, documentPath, ofDocuments, "id", "embedding");
    return of(what, ofQueries, ofDocuments, texts);
  }

  /** The vectors of a table {@code kind, id, embedding}, checked. */
  static StoredEmbeddings of(String what, Dataset<Row> table, Texts texts) {
    return of(
        what,
        table.where(col("kind").equalTo(TextIds.QUERY)),
        table.where(col("kind").equalTo(TextIds.DOCUMENT)),
        texts);
  }

  private static StoredEmbeddings of(
      String what, Dataset<Row> ofQueries, Dataset<Row> ofDocuments, Texts texts) {
    EmbeddingTable queries =
        of(what + " of queries", ofQueries, texts.queries(), "query_id", "queries");
    EmbeddingTable documents =
        of(what + " of documents", ofDocuments, texts.documents(), "doc_id", "documents");
    if (queries.dims() != documents.dims()) {
      throw BatchwrightException.data(
          "The %s have %d dims for queries and %d for documents; both must come from one model."
              .formatted(what, queries.dims(), documents.dims()));
    }
    return new StoredEmbeddings(queries, documents);
  }

  /** The queries and documents that are mined, {@code query_id} and {@code doc_id}. */
  record Texts(Dataset<Row> queries, Dataset<Row> documents) {}

  private static EmbeddingTable of(
      String what, Dataset<Row> table, Dataset<Row> texts, String idColumn, String kind) {
    Dataset<Row> ids = texts.select(col(idColumn).as("id"));
    EmbeddingTable checked =
        EmbeddingTable.check(what, table.join(ids, new String[] {"id"}, "left_semi"));
    checked.requireAll(kind, ids);
    return checked;
  }

  private static Dataset<Row> table(SparkSession spark, String path, MineRecipe recipe) {
    return RunTables.of(path, SparkSessions.hadoop(recipe.run()))
        .map(run -> run.read(spark, "embeddings"))
        .orElseGet(() -> spark.read().parquet(path));
  }

  private static void requireColumns(
      String what, String path, Dataset<Row> table, String... columns) {
    List<String> present = Arrays.asList(table.columns());
    for (String column : columns) {
      if (!present.contains(column)) {
        throw BatchwrightException.usage(
            "%s has no column %s, which %s need; there are %s."
                .formatted(path, column, what, String.join(", ", present)));
      }
    }
  }
}
