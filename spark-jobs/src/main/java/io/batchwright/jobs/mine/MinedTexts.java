package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageContext;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What negatives are mined from: training queries with their answers, and the documents they may be
 * drawn from. Of a run that has been split, documents held out or excluded stay out, so that
 * nothing of the evaluation leaks into training.
 *
 * @param queries all queries
 * @param documents all documents
 * @param qrels all judgements
 * @param trainable the documents that may be drawn, {@code doc_id}
 */
record MinedTexts(
    Dataset<Row> queries, Dataset<Row> documents, Dataset<Row> qrels, Dataset<Row> trainable) {

  /**
   * Of {@code run}, or of the tables that this job's corpus stage committed.
   *
   * @param rowLimit queries, the first by hash of their id; 0: all
   */
  static MinedTexts of(StageContext context, Optional<RunTables> run, long rowLimit) {
    if (run.isEmpty()) {
      Dataset<Row> documents = context.read("documents");
      return new MinedTexts(
          limited(context.read("queries"), rowLimit),
          documents,
          context.read("qrels"),
          documents.select("doc_id"));
    }
    RunTables tables = run.get();
    return of(
        limited(tables.read(context.spark(), "queries"), rowLimit),
        tables.read(context.spark(), "documents"),
        tables.read(context.spark(), "qrels"),
        tables.has("document_splits")
            ? Optional.of(tables.read(context.spark(), "document_splits"))
            : Optional.empty());
  }

  /**
   * Of tables of a run.
   *
   * @param splits {@code doc_id, split}, or empty where nothing was split
   */
  static MinedTexts of(
      Dataset<Row> queries,
      Dataset<Row> documents,
      Dataset<Row> qrels,
      Optional<Dataset<Row>> splits) {
    Dataset<Row> trainable =
        splits
            .map(
                known ->
                    documents.join(
                        known.where(col("split").equalTo("train")).select("doc_id"),
                        new String[] {"doc_id"},
                        "left_semi"))
            .orElse(documents);
    return new MinedTexts(queries, documents, qrels, trainable.select("doc_id"));
  }

  private static Dataset<Row> limited(Dataset<Row> queries, long rowLimit) {
    return rowLimit == 0
        ? queries
        : queries
            .orderBy(xxhash64(col("query_id")), col("query_id"))
            .limit(Math.toIntExact(rowLimit));
  }

  /** The queries to train on: those of the split train, or of none where nothing was split. */
  Dataset<Row> training() {
    return Arrays.asList(queries.columns()).contains("split")
        ? queries.where(coalesce(col("split"), lit("train")).equalTo("train"))
        : queries;
  }

  /** {@code query_id, doc_id} of training queries with documents that may be drawn. */
  Dataset<Row> positives() {
    return qrels
        .where(col("relevance").gt(0))
        .select("query_id", "doc_id")
        .distinct()
        .join(training().select("query_id"), "query_id")
        .join(trainable, "doc_id")
        .select("query_id", "doc_id");
  }
}
