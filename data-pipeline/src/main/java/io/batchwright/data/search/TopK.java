package io.batchwright.data.search;

import java.util.Arrays;

/**
 * The best documents of one query while scores stream by in the order of ordinals.
 *
 * <p>A heap whose root is the worst one kept. Of equal scores the smaller ordinal is the better.
 */
public final class TopK {
  private final int[] documents;
  private final float[] scores;
  private int size;

  /** Keeps the best {@code k}; 0 keeps none. */
  public TopK(int k) {
    this.documents = new int[k];
    this.scores = new float[k];
  }

  /** Whether a score is kept if it is offered; what is not a number is looked at closer. */
  boolean takes(float score) {
    return scores.length > 0 && (size < scores.length || !(score <= scores[0]));
  }

  /** Offers the first {@code count} scores, of the documents from {@code firstDocument} on. */
  void offer(float[] values, int count, int firstDocument) {
    int i = 0;
    for (; i < count && size < scores.length; i++) {
      push(values[i], firstDocument + i);
    }
    for (; i < count && size > 0; i++) {
      if (values[i] > scores[0]) {
        // Later ordinals are greater, so an equal score never displaces one that is kept.
        sink(0, values[i], firstDocument + i);
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

  /** Takes the heap apart and returns what was kept, best first. */
  public Best best() {
    int count = size;
    for (int last = count - 1; last > 0; last--) {
      float score = scores[last];
      int document = documents[last];
      scores[last] = scores[0];
      documents[last] = documents[0];
      size = last;
      sink(0, score, document);
    }
    size = 0;
    return new Best(Arrays.copyOf(documents, count), Arrays.copyOf(scores, count));
  }

  /**
   * The result, best first; of equal scores the smaller ordinal first.
   *
   * @param documents ordinals, at most k
   * @param scores parallel to {@code documents}
   */
  public record Best(int[] documents, float[] scores) {}
}
