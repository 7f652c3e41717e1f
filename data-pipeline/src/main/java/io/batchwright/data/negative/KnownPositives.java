package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.token.Samples;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * A document that answers a query, or any query with the same normalised text, is no negative of
 * it.
 */
@Paper(
    title = "Dense Passage Retrieval for Open-Domain Question Answering",
    arxiv = "2004.04906",
    where = "Section 3.2, which excludes passages with the answer")
public record KnownPositives() implements NegativeFilter {
  /** It has no fields. */
  public static final KnownPositives PAPER = new KnownPositives();

  @Override
  public Dataset<Row> keep(Dataset<Row> candidates, Dataset<Row> queries, Dataset<Row> qrels) {
    Dataset<Row> hashes =
        queries.select(
            col("query_id"),
            udf((UDF1<String, Long>) Samples::equalHash, DataTypes.LongType)
                .apply(col("query"))
                .as("equal_hash"));
    Dataset<Row> answers =
        qrels
            .where(col("relevance").gt(0))
            .join(hashes, "query_id")
            .select("equal_hash", "doc_id")
            .distinct()
            .join(hashes, "equal_hash")
            .select("query_id", "doc_id");
    return candidates.join(
        answers,
        candidates
            .col("query_id")
            .equalTo(answers.col("query_id"))
            .and(candidates.col("doc_id").equalTo(answers.col("doc_id"))),
        "left_anti");
  }
}
