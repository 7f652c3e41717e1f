package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
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
 * <p>Queries of one normalised text count as one: what answers one of them answers all, and all
 * share the scores of their positives, each with the query that it was given for.
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
   * the query's text; whether its text is that of such a document; the scores of the text's worst
   * positive, of its best, and the mean of all, null where it has none; and the candidate's and the
   * worst positive's score by the guide, null where there is none.
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
            .join(
                ofText(
                    positiveScores,
                    min("score").cast("float").as("positive_score"),
                    avg("score").cast("float").as("mean_positive_score"),
                    max("score").cast("float").as("best_positive_score")),
                new String[] {"query_id"},
                "left");
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
        .join(
            ofText(ofPositives, min("score").cast("float").as("guide_positive_score")),
            new String[] {"query_id"},
            "left");
  }

  /**
   * The largest number of documents that answer one text.
   *
   * @param queries {@link Tables#QUERIES}
   * @param positives {@code query_id, doc_id} of all or some of them
   */
  public static int mostPositives(Dataset<Row> queries, Dataset<Row> positives) {
    Row most =
        positives
            .join(hashed(queries, "query_id", "query"), "query_id")
            .groupBy("hash")
            .agg(countDistinct(col("doc_id")).as("count"))
            .agg(max("count"))
            .head();
    return most.isNullAt(0) ? 0 : Math.toIntExact(most.getLong(0));
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

  /**
   * Figures of the positives of each query's text, each document counted once.
   *
   * @param scores {@code query_id, doc_id, score} of positives
   * @return {@code query_id} and the figures
   */
  private Dataset<Row> ofText(Dataset<Row> scores, Column figure, Column... more) {
    Dataset<Row> hashes = hashed(queries, "query_id", "query");
    return scores
        .join(hashes, "query_id")
        .groupBy("hash", "doc_id")
        .agg(min("score").as("score"))
        .groupBy("hash")
        .agg(figure, more)
        .join(hashes, "hash")
        .drop("hash");
  }
}
