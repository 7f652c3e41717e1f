package io.batchwright.jobs.mine;

import java.util.function.Function;

/** Whose layout the exported files have. */
public enum PairFormat {
  /** {@code train.jsonl}, a line in one of the {@link PairShape}s. */
  SENTENCE_TRANSFORMERS(SentenceTransformersLines::new),
  /** {@code train.jsonl}: query_id, query, positive_passages, negative_passages. */
  TEVATRON(recipe -> new TevatronLines()),
  /** {@code train.jsonl}: query, pos, neg, and on request pos_scores and neg_scores. */
  FLAGEMBEDDING(recipe -> new FlagEmbeddingLines(recipe.scores())),
  /**
   * {@code collection.tsv, queries.train.tsv, qrels.train.tsv, qidpidtriples.train.tsv}; tabs and
   * line ends in texts become spaces.
   */
  MSMARCO_TSV(recipe -> new MsMarcoTsv()),
  /**
   * {@code corpus.jsonl, queries.jsonl, qrels/train.tsv}, and {@code hard-negatives.jsonl} as
   * BEIR's training examples read it.
   */
  BEIR(recipe -> new BeirFiles());

  private final Function<ExportRecipe, PairWriter> writer;

  PairFormat(Function<ExportRecipe, PairWriter> writer) {
    this.writer = writer;
  }

  PairWriter writer(ExportRecipe recipe) {
    return writer.apply(recipe);
  }
}
