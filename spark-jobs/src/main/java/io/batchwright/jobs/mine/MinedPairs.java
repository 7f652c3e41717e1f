package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.struct;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row a query with all that a trainer needs: {@code query_id, query, positives, negatives},
 * where each positive and negative is {@code doc_id, text, score}; positives by id, negatives best
 * first.
 */
final class MinedPairs {
  private MinedPairs() {}

  static Dataset<Row> of(
      Dataset<Row> queries,
      Dataset<Row> documents,
      Dataset<Row> positives,
      Dataset<Row> negatives) {
    Dataset<Row> texts = documents.select("doc_id", "text");
    Dataset<Row> answered =
        positives
            .join(texts, "doc_id")
            .groupBy("query_id")
            .agg(
                array_sort(collect_list(struct(col("doc_id"), col("text"), col("score"))))
                    .as("positives"));
    Dataset<Row> mined =
        negatives
            .join(texts, "doc_id")
            .groupBy("query_id")
            .agg(
                array_sort(
                        collect_list(struct(col("rank"), col("doc_id"), col("text"), col("score"))))
                    .as("ranked"))
            .select(
                col("query_id"),
                expr("transform(ranked, x -> named_struct('doc_id', x.doc_id, 'text', x.text,"
                        + " 'score', x.score))")
                    .as("negatives"));
    return answered
        .join(queries.select("query_id", "query"), "query_id")
        .join(mined, new String[] {"query_id"}, "left")
        .select(
            col("query_id"),
            col("query"),
            col("positives"),
            coalesce(col("negatives"), expr("slice(positives, 1, 0)")).as("negatives"));
  }
}
