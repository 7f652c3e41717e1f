package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

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
  public String reason() {
    return "known_positive";
  }

  @Override
  public Column excludes() {
    return col("known_positive");
  }

  @Override
  public boolean reachesDown() {
    return false;
  }
}
