package io.batchwright.train.evaluation;

import java.io.IOException;

/**
 * BM25 as a system of an evaluation.
 *
 * @param analysis how texts become terms
 * @param parameters usually tuned on training queries
 * @param statistics of training documents
 * @param threads how many search at once
 */
public record Bm25System(
    TextAnalysis analysis, Bm25 parameters, Bm25Statistics statistics, int threads)
    implements RankingSystem {
  @Override
  public Rankings rank(RetrievalTask task, int depth) throws IOException {
    try (Bm25Index index = Bm25Index.build(task.documents(), task.documentTexts(), analysis)) {
      return index.search(
          index.prepare(task.queries(), task.queryTexts()), depth, parameters, statistics, threads);
    }
  }
}
