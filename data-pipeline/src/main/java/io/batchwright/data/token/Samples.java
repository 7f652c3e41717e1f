package io.batchwright.data.token;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;

/**
 * Training samples: one for each query and each document that answers it.
 *
 * <p>Queries with the same normalised text get the same {@code equal_hash}: what answers one may
 * answer the other, so they are never negatives of each other.
 */
public final class Samples {
  /** The split whose queries become samples. */
  public static final String TRAIN = "train";

  private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

  private Samples() {}

  /**
   * Pairs the queries of the split {@value #TRAIN} with their relevant documents.
   *
   * <p>Removed with their reason: pairs whose document is not in {@code textIds} ({@code
   * unknown_document}), and pairs with a text without tokens ({@code empty_after_tokenization}).
   *
   * @param textIds the result of {@link TextIds}
   * @param tokens the result of {@link Tokenize}
   * @return kept is {@link Tables#SAMPLES}
   */
  public static Outcome of(
      Dataset<Row> queries, Dataset<Row> qrels, Dataset<Row> textIds, Dataset<Row> tokens) {
    return ofSplit(TRAIN, queries, qrels, textIds, tokens);
  }

  /** As {@link #of}, with the queries of {@code split}. */
  public static Outcome ofSplit(
      String split,
      Dataset<Row> queries,
      Dataset<Row> qrels,
      Dataset<Row> textIds,
      Dataset<Row> tokens) {
    Dataset<Row> texts =
        textIds.select("text_id", "kind", "id").join(tokens.select("text_id", "length"), "text_id");
    Dataset<Row> pairs =
        queries
            .where(col("split").equalTo(split))
            .select("query_id", "query", "source")
            .join(qrels.where(col("relevance").gt(0)).select("query_id", "doc_id"), "query_id")
            .join(side(texts, TextIds.QUERY, "query"), "query_id", "left")
            .join(side(texts, TextIds.DOCUMENT, "doc"), "doc_id", "left")
            .withColumn("sample_id", concat(col("query_id"), lit(":"), col("doc_id")))
            .withColumn(
                "reason",
                when(col("doc_text_id").isNull(), "unknown_document")
                    .when(
                        coalesce(col("query_length"), lit(0))
                            .equalTo(0)
                            .or(col("doc_length").equalTo(0)),
                        "empty_after_tokenization"));
    return new Outcome(
        number(pairs.where(col("reason").isNull())),
        removed(pairs.where(col("reason").isNotNull())),
        Tables.empty(queries.sparkSession(), Tables.QUARANTINE));
  }

  /** The hash of a query's text without differences in case, white space or Unicode form. */
  public static long equalHash(String query) {
    String folded = Normalizer.normalize(query, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    return LongHashFunction.xx3().hashChars(SPACES.matcher(folded).replaceAll(" ").strip());
  }

  private static Dataset<Row> side(Dataset<Row> texts, String kind, String prefix) {
    return texts
        .where(col("kind").equalTo(kind))
        .select(
            col("id").as(prefix + "_id"),
            col("text_id").as(prefix + "_text_id"),
            col("length").as(prefix + "_length"));
  }

  private static Dataset<Row> number(Dataset<Row> pairs) {
    UserDefinedFunction hash =
        udf((UDF1<String, Long>) Samples::equalHash, DataTypes.LongType).asNonNullable();
    Dataset<Row> samples =
        pairs.select(
            col("sample_id"),
            col("source"),
            array(part("query", "query"), part("positive", "doc")).as("parts"),
            hash.apply(col("query")).as("equal_hash"),
            col("query_id"),
            col("doc_id"));
    Dataset<Row> numbered = Ordinals.number(samples, "sample", col("query_id"), col("doc_id"));
    return numbered
        .drop("query_id", "doc_id")
        .select("sample", "sample_id", "source", "parts", "equal_hash");
  }

  private static Column part(String role, String prefix) {
    return struct(
        lit(role).as("role"),
        col(prefix + "_text_id").as("text_id"),
        col(prefix + "_length").as("length"));
  }

  private static Dataset<Row> removed(Dataset<Row> pairs) {
    return pairs.select(Removed.columns(col("sample_id"), "tokens", col("reason")));
  }
}
