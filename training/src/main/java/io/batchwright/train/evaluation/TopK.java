package io.batchwright.train.evaluation;

/**
 * The best documents of one query while scores stream by in the order of ordinals.
 *
 * <p>A heap whose root is the worst one kept. Of equal scores the smaller ordinal is the better.
 */
final class TopK {
  private final int[] documents;
  private final float[] scores;
  private int size;

  TopK(int k) {
    this.documents = new int[k];
    this.scores = new float[k];
  }

  /** Offers {@code count} scores of the documents from ordinal {@code firstDocument} on. */
  void offer(float[] values, int offset, int count, int firstDocument) {
    for (int i = 0; i < count; i++) {
      float score = values[offset + i];
      if (size < scores.length) {
        push(score, firstDocument + i);
      } else if (size > 0 && score > scores[0]) {
        // Later ordinals are greater, so an equal score never displaces one that is kept.
        sink(0, score, firstDocument + i);
      }
    }
  }

  private void push(float score, int document) {
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!worse(score, document, scores[parent], documents[parent])) {
        break;
      }
      scores[at] = scores[parent];
      documents[at] = documents[parent];
      at = parent;
    }
    scores[at] = score;
    documents[at] = document;
  }

  private void sink(int from, float score, int document) {
    int at = from;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size
          && worse(scores[child + 1], documents[child + 1], scores[child], documents[child])) {
        child++;
      }
      if (!worse(scores[child], documents[child], score, document)) {
        break;
      }
      scores[at] = scores[child];
      documents[at] = documents[child];
      at = child;
    }
    scores[at] = score;
    documents[at] = document;
  }

  private static boolean worse(float score, int document, float other, int otherDocument) {
    return score < other || (score == other && document > otherDocument);
  }

  /** Takes the heap apart, best first; nothing may be offered afterwards. */
  void sort() {
    for (int last = size - 1; last > 0; last--) {
      float score = scores[last];
      int document = documents[last];
      scores[last] = scores[0];
      documents[last] = documents[0];
      size = last;
      sink(0, score, document);
    }
    size = scores.length;
  }

  int[] documents() {
    return documents;
  }

  float[] scores() {
    return scores;
  }
}
