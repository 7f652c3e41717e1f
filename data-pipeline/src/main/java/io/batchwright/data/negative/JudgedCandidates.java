package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
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

  /** Documents whose texts' hashes go to every executor, some MB of them. */
  private static final int MOST_BROADCAST = 200_000;

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
    Dataset<Row> documentTexts =
        hashed(documents, "doc_id", "text").withColumnRenamed("hash", "text_hash");
    Dataset<Row> hashes = hashed(queries, "query_id", "query");
    Dataset<Row> texts =
        answers(hashes, documentTexts)
            .join(
                ofText(
                    hashes,
                    positiveScores,
                    min("score").cast("float").as("positive_score"),
                    avg("score").cast("float").as("mean_positive_score"),
                    max("score").cast("float").as("best_positive_score")),
                new String[] {"hash"},
                "full");
    Dataset<Row> guidedTexts =
        guideScores
            .map(scores -> texts.join(guideOfText(hashes, scores), new String[] {"hash"}, "left"))
            .orElseGet(() -> texts.withColumn("guide_positive_score", lit(null).cast("float")));
    // All that a query brings comes in one join by the query, as decisions are taken; so the guide,
    // whose scores are as many as the candidates, comes before.
    Dataset<Row> marked =
        withTexts(guided(candidates), documentTexts)
            .join(guidedTexts.join(hashes, "hash").drop("hash"), new String[] {"query_id"}, "left")
            .withColumn("known_positive", among("doc_id", "answers"))
            .withColumn("same_answer", among("text_hash", "answer_texts"));
    return marked.select(
        Arrays.stream(SCHEMA.fieldNames()).map(name -> col(name)).toArray(Column[]::new));
  }

  /** Candidates with {@code guide_score}, null where there is none. */
  private Dataset<Row> guided(Dataset<Row> candidates) {
    return guideScores
        .map(
            scores ->
                candidates.join(
                    scores.select(
                        col("query_id"),
                        col("doc_id"),
                        col("score").cast("float").as("guide_score")),
                    new String[] {"query_id", "doc_id"},
                    "left"))
        .orElseGet(() -> candidates.withColumn("guide_score", lit(null).cast("float")));
  }

  /** Candidates with {@code text_hash}, of the document's text. */
  private Dataset<Row> withTexts(Dataset<Row> candidates, Dataset<Row> documentTexts) {
    boolean few = documents.limit(MOST_BROADCAST + 1).count() <= MOST_BROADCAST;
    return candidates.join(
        few ? broadcast(documentTexts) : documentTexts, new String[] {"doc_id"}, "left");
  }

  private static Column among(String value, String array) {
    return coalesce(array_contains(col(array), col(value)), lit(false));
  }

  private Dataset<Row> guideOfText(Dataset<Row> hashes, Dataset<Row> scores) {
    return ofText(
        hashes,
        scores.join(qrels.where(col("relevance").gt(0)), new String[] {"query_id", "doc_id"}),
        min("score").cast("float").as("guide_positive_score"));
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

  /** {@code hash, answers, answer_texts}: what answers each text, and the hashes of its texts. */
  private Dataset<Row> answers(Dataset<Row> hashes, Dataset<Row> documentTexts) {
    return qrels
        .where(col("relevance").gt(0))
        .join(hashes, "query_id")
        .select("hash", "doc_id")
        .distinct()
        .join(documentTexts, new String[] {"doc_id"}, "left")
        .groupBy("hash")
        .agg(collect_set("doc_id").as("answers"), collect_set("text_hash").as("answer_texts"));
  }

  private static Dataset<Row> hashed(Dataset<Row> texts, String id, String text) {
    return texts.select(
        col(id),
        udf((UDF1<String, Long>) Samples::equalHash, DataTypes.LongType)
            .apply(col(text))
            .as("hash"));
  }

  /**
   * Figures of the positives of each text, each document counted once.
   *
   * @param scores {@code query_id, doc_id, score} of positives
   * @return {@code hash} and the figures
   */
  private static Dataset<Row> ofText(
      Dataset<Row> hashes, Dataset<Row> scores, Column figure, Column... more) {
    return scores
        .join(hashes, "query_id")
        .groupBy("hash", "doc_id")
        .agg(min("score").as("score"))
        .groupBy("hash")
        .agg(figure, more);
  }
}
