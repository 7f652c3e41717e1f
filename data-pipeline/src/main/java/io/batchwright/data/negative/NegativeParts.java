package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;

import io.batchwright.data.Tables;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import io.batchwright.data.token.Ordinals;
import io.batchwright.data.token.TextIds;
import io.batchwright.technique.Check;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Puts mined negatives into training samples, as parts with the role {@code negative}: the same
 * number for each, since losses find them by their number.
 *
 * @param negatives {@code query_id, doc_id, rank}: the best first
 * @param perQuery how many of them each sample gets, at least 1
 * @param scores {@code query_id, doc_id, score} of a teacher for every positive and every negative
 *     taken, which become the field {@code score} of the parts; or empty. They are read several
 *     times: of a table that scores far more pairs, give those of {@link #pairs}
 */
public record NegativeParts(Dataset<Row> negatives, int perQuery, Optional<Dataset<Row>> scores) {
  /** Why a sample goes whose query has fewer negatives. */
  public static final String TOO_FEW = "too_few_negatives";

  /** Checks the range. */
  public NegativeParts {
    Check.atLeast("NegativeParts.perQuery", perQuery, 1);
  }

  /**
   * The pairs that {@code scores} are read of: each sample's positive, and the negatives taken.
   *
   * @param samples as of {@link #addTo}, like the rest
   * @return {@code query_id, doc_id}, some more than once
   */
  public Dataset<Row> pairs(Dataset<Row> samples, Dataset<Row> texts, Dataset<Row> tokens) {
    Dataset<Row> documents = documents(texts, tokens);
    Dataset<Row> positives =
        asked(samples, texts)
            .join(documents.withColumnRenamed("text_id", "positive_text"), "positive_text");
    return positives
        .select("query_id", "doc_id")
        .union(ranked(documents).select("query_id", "doc_id"));
  }

  /** The same with scores. */
  public NegativeParts withScores(Dataset<Row> given) {
    return new NegativeParts(negatives, perQuery, Optional.of(given));
  }

  /**
   * Adds the parts.
   *
   * @param samples {@link Tables#SAMPLES}
   * @param texts {@code text_id, kind, id}, the result of {@link TextIds}
   * @param tokens {@code text_id, length}
   * @return kept are the samples, numbered anew; removed are those with too few negatives
   * @throws BatchwrightException with exit code 3 if a score is missing
   */
  public Outcome addTo(Dataset<Row> samples, Dataset<Row> texts, Dataset<Row> tokens) {
    return added(samples, texts, tokens, size(col("mined")).equalTo(perQuery), false);
  }

  /**
   * Makes a sample of each negative, which alone it holds: the pairs that a policy draws from. A
   * query with fewer than {@code perQuery} negatives has as many pairs as it has negatives. The id
   * of a sample is that of the given one, a colon, and the id of the negative.
   *
   * @param samples as of {@link #addTo}, like the rest
   * @return kept are the samples, numbered anew; removed are the given ones without a negative
   */
  public Outcome spread(Dataset<Row> samples, Dataset<Row> texts, Dataset<Row> tokens) {
    return added(samples, texts, tokens, size(col("mined")).gt(0), true);
  }

  private Outcome added(
      Dataset<Row> samples,
      Dataset<Row> texts,
      Dataset<Row> tokens,
      Column enough,
      boolean oneEach) {
    Dataset<Row> documents = documents(texts, tokens);
    Dataset<Row> joined =
        asked(samples, texts).join(chosen(documents), new String[] {"query_id"}, "left");
    Dataset<Row> judged = withPositiveScore(joined, documents);
    Column has = coalesce(enough, lit(false));
    Dataset<Row> chosenOnly = judged.where(has);
    Dataset<Row> kept =
        (oneEach ? eachNegative(chosenOnly) : chosenOnly.withColumn("turn", lit(0)))
            .withColumn("parts", parts());
    requireScores(kept);
    Dataset<Row> numbered =
        Ordinals.number(
                kept.withColumnRenamed("sample", "earlier"), "sample", col("earlier"), col("turn"))
            .select(
                Arrays.stream(Tables.SAMPLES.fieldNames())
                    .map(name -> col(name))
                    .toArray(Column[]::new));
    Dataset<Row> removed =
        joined
            .where(has.unary_$bang())
            .select(Removed.columns(col("sample_id"), "buckets", lit(TOO_FEW)));
    return new Outcome(numbered, removed, Tables.empty(samples.sparkSession(), Tables.QUARANTINE));
  }

  /** {@code doc_id, text_id, length}: the documents that have tokens. */
  private static Dataset<Row> documents(Dataset<Row> texts, Dataset<Row> tokens) {
    return texts
        .where(col("kind").equalTo(TextIds.DOCUMENT))
        .join(tokens.select("text_id", "length"), "text_id")
        .where(col("length").gt(0))
        .select(col("id").as("doc_id"), col("text_id"), col("length"));
  }

  /** The samples with {@code query_id}, {@code query_text} and {@code positive_text}. */
  private static Dataset<Row> asked(Dataset<Row> samples, Dataset<Row> texts) {
    Dataset<Row> queries =
        texts
            .where(col("kind").equalTo(TextIds.QUERY))
            .select(col("id").as("query_id"), col("text_id").as("query_text"));
    return samples
        .withColumn("query_text", textOf("query"))
        .withColumn("positive_text", textOf("positive"))
        .join(queries, "query_text");
  }

  /** A row for each of a sample's negatives, in the order {@code turn}. */
  private static Dataset<Row> eachNegative(Dataset<Row> judged) {
    return judged
        .withColumn("one", explode(col("mined")))
        .withColumn("turn", col("one.place"))
        .withColumn("mined", array(col("one")))
        .withColumn("sample_id", concat_ws(":", col("sample_id"), col("one.doc_id")));
  }

  /** The best negatives of each query, at most {@code perQuery}, {@code place} from 1 on. */
  private Dataset<Row> ranked(Dataset<Row> documents) {
    return negatives
        .select("query_id", "doc_id", "rank")
        .join(documents, "doc_id")
        .withColumn(
            "place",
            row_number().over(Window.partitionBy("query_id").orderBy(col("rank"), col("doc_id"))))
        .where(col("place").leq(perQuery));
  }

  /** {@code query_id, mined}: the negatives of each query. */
  private Dataset<Row> chosen(Dataset<Row> documents) {
    Dataset<Row> ranked = ranked(documents);
    Dataset<Row> scored =
        scores
            .map(
                given ->
                    ranked.join(
                        given.select(col("query_id"), col("doc_id"), col("score").cast("float")),
                        new String[] {"query_id", "doc_id"},
                        "left"))
            .orElse(ranked.withColumn("score", lit(null).cast("float")));
    return scored
        .groupBy("query_id")
        .agg(
            array_sort(
                    collect_list(
                        struct(
                            col("place"),
                            col("text_id"),
                            col("length"),
                            col("score"),
                            col("doc_id"))))
                .as("mined"));
  }

  private Dataset<Row> withPositiveScore(Dataset<Row> joined, Dataset<Row> documents) {
    if (scores.isEmpty()) {
      return joined;
    }
    return joined
        .join(
            documents.select(col("text_id").as("positive_text"), col("doc_id")),
            new String[] {"positive_text"},
            "left")
        .join(
            scores
                .get()
                .select(
                    col("query_id"),
                    col("doc_id"),
                    col("score").cast("float").as("positive_score")),
            new String[] {"query_id", "doc_id"},
            "left");
  }

  private Column parts() {
    String score = scores.isEmpty() ? "" : ", 'score', %s";
    String given =
        "transform(parts, p -> named_struct('role', p.role, 'text_id', p.text_id, 'length',"
            + " p.length"
            + score.formatted("IF(p.role = 'positive', positive_score, CAST(NULL AS FLOAT))")
            + "))";
    String added =
        "transform(mined, m -> named_struct('role', 'negative', 'text_id', m.text_id, 'length',"
            + " m.length"
            + score.formatted("m.score")
            + "))";
    return expr("concat(" + given + ", " + added + ")");
  }

  private void requireScores(Dataset<Row> kept) {
    if (scores.isEmpty()) {
      return;
    }
    Dataset<Row> missing =
        kept.where(expr("exists(parts, p -> p.role <> 'query' AND p.score IS NULL)"));
    long count = missing.count();
    if (count > 0) {
      throw BatchwrightException.data(
          "the teacher's scores lack a text of %,d samples, such as %s"
              .formatted(count, missing.orderBy("sample_id").head().<String>getAs("sample_id")));
    }
  }

  private static Column textOf(String role) {
    return expr("element_at(filter(parts, p -> p.role = '%s'), 1).text_id".formatted(role));
  }
}
