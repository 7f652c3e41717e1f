package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.Similarity;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The scores of given pairs, computed from embeddings in double precision. */
public final class PairScores {
  private PairScores() {}

  /**
   * Scores pairs.
   *
   * @param pairs {@code query_id, doc_id}
   * @return {@code query_id, doc_id, score}; pairs without both embeddings are left out
   */
  public static Dataset<Row> of(
      Dataset<Row> pairs, EmbeddingTable queries, EmbeddingTable documents, Similarity similarity) {
    String product = "aggregate(zip_with(q, d, (x, y) -> double(x) * y), 0D, (s, x) -> s + x)";
    String norms = "sqrt(aggregate(%s, 0D, (s, x) -> s + double(x) * x))";
    String score =
        similarity == Similarity.COSINE
            ? product + " / (" + norms.formatted("q") + " * " + norms.formatted("d") + ")"
            : product;
    return pairs
        .select("query_id", "doc_id")
        .join(queries.rows().select(col("id").as("query_id"), col("embedding").as("q")), "query_id")
        .join(documents.rows().select(col("id").as("doc_id"), col("embedding").as("d")), "doc_id")
        .select(col("query_id"), col("doc_id"), expr("float(" + score + ")").as("score"));
  }
}
