package io.batchwright.train.evaluation;

import java.util.List;

/**
 * Held-out queries against a corpus.
 *
 * @param documents ids of the whole deduplicated corpus
 * @param documentTexts what a system may read of each document
 * @param queries ids of the held-out queries
 * @param queryTexts what is asked, parallel to {@code queries}
 * @param groups the group (such as the class) of each query, which the bootstrap resamples
 * @param qrels judgements over these {@code queries} and {@code documents}
 */
public record RetrievalTask(
    Ids documents,
    List<String> documentTexts,
    Ids queries,
    List<String> queryTexts,
    List<String> groups,
    Qrels qrels) {
  public RetrievalTask {
    requireSize("document texts", documentTexts.size(), documents.size());
    requireSize("query texts", queryTexts.size(), queries.size());
    requireSize("groups", groups.size(), queries.size());
    requireSize("queries in qrels", qrels.queries().size(), queries.size());
  }

  private static void requireSize(String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "%d %s where %d are needed".formatted(got, what, expected));
    }
  }
}
