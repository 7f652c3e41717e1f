package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * A document with the same normalised text as one that answers the query is no negative of it,
 * whatever its id.
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "mine_hard_negatives of sentence-transformers, which joins equal texts")
public record SameAnswer() implements NegativeFilter {
  /** It has no fields. */
  public static final SameAnswer PAPER = new SameAnswer();

  @Override
  public String reason() {
    return "same_answer";
  }

  @Override
  public Column excludes() {
    return col("same_answer");
  }

  @Override
  public boolean reachesDown() {
    return false;
  }
}
