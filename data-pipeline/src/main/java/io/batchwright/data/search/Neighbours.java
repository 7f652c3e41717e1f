package io.batchwright.data.search;

import java.io.Serializable;

/**
 * The best documents of one query so far, best first; of equal scores the smaller ordinal first.
 *
 * @param documents ordinals
 * @param scores parallel to {@code documents}
 */
record Neighbours(long[] documents, float[] scores) implements Serializable {

  /** The best {@code k} of both. */
  static Neighbours merge(Neighbours a, Neighbours b, int k) {
    int size = Math.min(k, a.documents.length + b.documents.length);
    long[] documents = new long[size];
    float[] scores = new float[size];
    int i = 0;
    int j = 0;
    for (int at = 0; at < size; at++) {
      boolean first =
          j == b.documents.length
              || (i < a.documents.length
                  && (a.scores[i] > b.scores[j]
                      || (a.scores[i] == b.scores[j] && a.documents[i] < b.documents[j])));
      documents[at] = first ? a.documents[i] : b.documents[j];
      scores[at] = first ? a.scores[i++] : b.scores[j++];
    }
    return new Neighbours(documents, scores);
  }
}
