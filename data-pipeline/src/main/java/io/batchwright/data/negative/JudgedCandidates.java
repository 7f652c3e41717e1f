package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.Tables;
import io.batchwright.data.token.Samples;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Candidates with all that filters ask of them, so that a filter is a condition on one row.
 *
 * @param queries {@link Tables#QUERIES}
 * @param documents {@link Tables#DOCUMENTS}
 * @param qrels {@link Tables#QRELS}
 * @param positiveScores {@code query_id, doc_id, score} of each query with its positives, in the
 *     unit of the candidates' scores
 * @param guideScores {@code query_id, doc_id, score} of candidates and positives by another model,
 *     or empty
 */
public record JudgedCandidates(
    Dataset<Row> queries,
    Dataset<Row> documents,
    Dataset<Row> qrels,
    Dataset<Row> positiveScores,
    Optional<Dataset<Row>> guideScores) {

  /**
   * The columns of a candidate: those of {@link Tables#CANDIDATES}; whether its document answers
   * the query or one with the same normalised text; whether its text is that of such a document;
   * the scores of the query's worst positive, of its best, and the mean of all, null where it has
   * none; and the candidate's and the worst positive's score by the guide, null where there is
   * none.
   */
  public static final StructType SCHEMA =
      Tables.CANDIDATES
          .add("known_positive", DataTypes.BooleanType, false)
          .add("same_answer", DataTypes.BooleanType, false)
          .add("positive_score", DataTypes.FloatType, true)
          .add("mean_positive_score", DataTypes.FloatType, true)
          .add("best_positive_score", DataTypes.FloatType, true)
          .add("guide_score", DataTypes.FloatType, true)
          .add("guide_positive_score", DataTypes.FloatType, true);

  /** Adds the columns to {@code candidates}, {@link Tables#CANDIDATES}. */
  public Dataset<Row> of(Dataset<Row> candidates) {
    Dataset<Row> answers = answers();
    Dataset<Row> texts = hashed(documents, "doc_id", "text");
    Dataset<Row> answerTexts = answers.join(texts, "doc_id").select("query_id", "hash").distinct();
    Dataset<Row> marked =
        candidates
            .join(
                answers.withColumn("known_positive", lit(true)),
                new String[] {"query_id", "doc_id"},
                "left")
            .join(texts, new String[] {"doc_id"}, "left")
            .join(
                answerTexts.withColumn("same_answer", lit(true)),
                new String[] {"query_id", "hash"},
                "left")
            .join(references(), new String[] {"query_id"}, "left");
    Dataset<Row> guided =
        guideScores
            .map(scores -> guided(marked, scores))
            .orElseGet(
                () ->
                    marked
                        .withColumn("guide_score", lit(null).cast("float"))
                        .withColumn("guide_positive_score", lit(null).cast("float")));
    return guided
        .withColumn("known_positive", coalesce(col("known_positive"), lit(false)))
        .withColumn("same_answer", coalesce(col("same_answer"), lit(false)))
        .select(Arrays.stream(SCHEMA.fieldNames()).map(name -> col(name)).toArray(Column[]::new));
  }

  private Dataset<Row> guided(Dataset<Row> marked, Dataset<Row> scores) {
    Dataset<Row> ofPositives =
        scores.join(qrels.where(col("relevance").gt(0)), new String[] {"query_id", "doc_id"});
    return marked
        .join(
            scores.select(
                col("query_id"), col("doc_id"), col("score").cast("float").as("guide_score")),
            new String[] {"query_id", "doc_id"},
            "left")
        .join(worst(ofPositives, "guide_positive_score"), new String[] {"query_id"}, "left");
  }

  /** {@code query_id, doc_id}: what answers a query or one with the same normalised text. */
  private Dataset<Row> answers() {
    Dataset<Row> hashes = hashed(queries, "query_id", "query");
    return qrels
        .where(col("relevance").gt(0))
        .join(hashes, "query_id")
        .select("hash", "doc_id")
        .distinct()
        .join(hashes, "hash")
        .select("query_id", "doc_id")
        .distinct();
  }

  private static Dataset<Row> hashed(Dataset<Row> texts, String id, String text) {
    return texts.select(
        col(id),
        udf((UDF1<String, Long>) Samples::equalHash, DataTypes.LongType)
            .apply(col(text))
            .as("hash"));
  }

  private Dataset<Row> references() {
    return positiveScores
        .groupBy("query_id")
        .agg(
            min(col("score")).cast("float").as("positive_score"),
            avg(col("score")).cast("float").as("mean_positive_score"),
            max(col("score")).cast("float").as("best_positive_score"));
  }

  private static Dataset<Row> worst(Dataset<Row> scores, String name) {
    return scores.groupBy("query_id").agg(min(col("score")).cast("float").as(name));
  }
}
