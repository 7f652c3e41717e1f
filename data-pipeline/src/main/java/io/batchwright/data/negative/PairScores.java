package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.Similarity;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.Iterator;
import scala.collection.Seq;

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
    boolean cosine = similarity == Similarity.COSINE;
    // Spark interprets lambdas of its own aggregate and zip_with, which takes a multiple of the
    // time.
    UserDefinedFunction score =
        udf(
            (UDF2<Seq<Float>, Seq<Float>, Float>) (q, d) -> (float) score(q, d, cosine),
            DataTypes.FloatType);
    return pairs
        .select("query_id", "doc_id")
        .join(queries.rows().select(col("id").as("query_id"), col("embedding").as("q")), "query_id")
        .join(documents.rows().select(col("id").as("doc_id"), col("embedding").as("d")), "doc_id")
        .select(col("query_id"), col("doc_id"), score.apply(col("q"), col("d")).as("score"));
  }

  private static double score(Seq<Float> query, Seq<Float> document, boolean cosine) {
    double product = 0;
    double ofQuery = 0;
    double ofDocument = 0;
    Iterator<Float> left = query.iterator();
    Iterator<Float> right = document.iterator();
    while (left.hasNext() && right.hasNext()) {
      double q = left.next();
      double d = right.next();
      product += q * d;
      ofQuery += q * q;
      ofDocument += d * d;
    }
    if (left.hasNext() || right.hasNext()) {
      throw new IllegalArgumentException(
          "a query has %d dims, a document %d".formatted(query.size(), document.size()));
    }
    return cosine ? product / (Math.sqrt(ofQuery) * Math.sqrt(ofDocument)) : product;
  }
}
