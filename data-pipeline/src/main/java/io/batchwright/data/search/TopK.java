package io.batchwright.data.search;

import java.util.Arrays;

/**
 * The best documents of one query while scores stream by.
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

  /**
   * Whether one of the documents from {@code firstDocument} on is kept if this is its score, where
   * all before it have been offered; what is not a number is looked at closer.
   */
  boolean takes(float score, int firstDocument) {
    return scores.length > 0
        && (size < scores.length
            || !(score <= scores[0])
            || (score == scores[0] && documents[0] > firstDocument));
  }

  /** Offers a document that was not offered before, in any order. */
  void offer(float score, int document) {
    if (size < scores.length) {
      push(score, document);
    } else if (size > 0 && worse(scores[0], documents[0], score, document)) {
      sink(0, score, document);
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
