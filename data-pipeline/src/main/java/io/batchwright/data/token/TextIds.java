package io.batchwright.data.token;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Numbers every text, so that the tables inside carry a BIGINT instead of strings.
 *
 * <p>The result has {@code text_id, kind, id, text}; kind is {@value #DOCUMENT} or {@value #QUERY}.
 * Documents come first, each kind in the order of its ids.
 */
public final class TextIds {
  /** The kind of a text from the table documents. */
  public static final String DOCUMENT = "document";

  /** The kind of a text from the table queries. */
  public static final String QUERY = "query";

  private TextIds() {}

  /** Numbers the texts of {@code queries} and {@code documents}, whose ids must be unique. */
  public static Dataset<Row> of(Dataset<Row> queries, Dataset<Row> documents) {
    Dataset<Row> texts =
        documents
            .select(lit(DOCUMENT).as("kind"), col("doc_id").as("id"), col("text"))
            .unionAll(
                queries.select(
                    lit(QUERY).as("kind"), col("query_id").as("id"), col("query").as("text")));
    return Ordinals.number(texts, "text_id", col("kind"), col("id"));
  }
}
