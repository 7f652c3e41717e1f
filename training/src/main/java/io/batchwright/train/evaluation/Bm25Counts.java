package io.batchwright.train.evaluation;

import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;

/** {@link Bm25Statistics} of a collection that is counted in parts, in any order. */
public final class Bm25Counts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, Integer> documentFrequency = new HashMap<>();
  private long documents;
  private long terms;

  /** Counts {@code texts}. */
  public static Bm25Counts of(Iterable<String> texts, TextAnalysis analysis) {
    Bm25Counts counts = new Bm25Counts();
    try (Analyzer analyzer = analysis.analyzer()) {
      for (String text : texts) {
        counts.add(TextAnalysis.terms(analyzer, text));
      }
    }
    return counts;
  }

  private void add(List<String> ofDocument) {
    if (ofDocument.isEmpty()) {
      return; // As BM25Similarity: documents without a term do not count.
    }
    documents++;
    terms += ofDocument.size();
    new HashSet<>(ofDocument).forEach(term -> documentFrequency.merge(term, 1, Integer::sum));
  }

  /** The counts of all {@code parts} together. */
  public static Bm25Counts sum(Iterable<Bm25Counts> parts) {
    Bm25Counts all = new Bm25Counts();
    for (Bm25Counts part : parts) {
      all.documents += part.documents;
      all.terms += part.terms;
      part.documentFrequency.forEach(
          (term, count) -> all.documentFrequency.merge(term, count, Integer::sum));
    }
    return all;
  }

  /**
   * The statistics of all parts.
   *
   * @throws IllegalArgumentException if no document has a term
   */
  public Bm25Statistics statistics() {
    return new Bm25Statistics(
        documents, documents == 0 ? 0 : (double) terms / documents, documentFrequency);
  }
}
