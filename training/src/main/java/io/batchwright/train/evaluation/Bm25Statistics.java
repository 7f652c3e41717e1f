package io.batchwright.train.evaluation;

import java.io.Serializable;
import java.util.Map;

/**
 * What BM25 knows of a collection: how many documents hold each term, and how long they are.
 *
 * <p>Taken from training documents alone and used over the whole corpus, it keeps held-out
 * documents from shaping their own weights. A term they do not have counts as held by none, which
 * gives it the greatest idf.
 *
 * @param documents how many documents
 * @param averageLength mean number of tokens a document
 * @param documentFrequency documents that hold a term
 */
public record Bm25Statistics(
    long documents, double averageLength, Map<String, Integer> documentFrequency)
    implements Serializable {
  public Bm25Statistics {
    if (documents < 1 || !(averageLength > 0)) {
      throw new IllegalArgumentException("BM25 statistics need at least one document with a term");
    }
  }

  /** {@code ln(1 + (N - df + 0.5) / (df + 0.5))}. */
  public double idf(String term) {
    int frequency = documentFrequency.getOrDefault(term, 0);
    return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
  }
}
