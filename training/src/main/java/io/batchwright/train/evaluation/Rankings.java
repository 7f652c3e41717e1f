package io.batchwright.train.evaluation;

import java.util.Arrays;
import java.util.Comparator;

/**
 * What a system returned: for each query its documents, best first, with their scores.
 *
 * <p>Scores are {@code float} and run files carry all their digits, so a file and the ranking it
 * was written from have the same ties.
 */
public final class Rankings {
  private final Ids queries;
  private final Ids documents;
  private final int[][] ranked;
  private final float[][] scores;

  private Rankings(Ids queries, Ids documents, int[][] ranked, float[][] scores) {
    this.queries = queries;
    this.documents = documents;
    this.ranked = ranked;
    this.scores = scores;
  }

  /**
   * Takes over {@code ranked} and {@code scores} without a copy.
   *
   * @param ranked for each query, document ordinals, best first
   * @param scores parallel to {@code ranked}
   * @throws IllegalArgumentException if the lengths differ or a score is not a number
   */
  public static Rankings of(Ids queries, Ids documents, int[][] ranked, float[][] scores) {
    if (ranked.length != queries.size() || scores.length != queries.size()) {
      throw new IllegalArgumentException(
          "%d queries, but %d rankings and %d rows of scores"
              .formatted(queries.size(), ranked.length, scores.length));
    }
    for (int q = 0; q < ranked.length; q++) {
      if (ranked[q].length != scores[q].length) {
        throw new IllegalArgumentException(
            "query %s has %d documents and %d scores"
                .formatted(queries.name(q), ranked[q].length, scores[q].length));
      }
      for (float score : scores[q]) {
        if (Float.isNaN(score)) {
          throw new IllegalArgumentException(
              "query " + queries.name(q) + " has a score that is not a number");
        }
      }
    }
    return new Rankings(queries, documents, ranked, scores);
  }

  public Ids queries() {
    return queries;
  }

  public Ids documents() {
    return documents;
  }

  /** How many documents the query's ranking holds. */
  public int length(int query) {
    return ranked[query].length;
  }

  /** The document ordinal at {@code rank}, counted from zero. */
  public int document(int query, int rank) {
    return ranked[query][rank];
  }

  public float score(int query, int rank) {
    return scores[query][rank];
  }

  /** The first {@code k} documents of each query. */
  public Rankings top(int k) {
    int[][] fewer = new int[ranked.length][];
    float[][] fewerScores = new float[ranked.length][];
    for (int q = 0; q < ranked.length; q++) {
      int length = Math.min(k, ranked[q].length);
      fewer[q] = Arrays.copyOf(ranked[q], length);
      fewerScores[q] = Arrays.copyOf(scores[q], length);
    }
    return new Rankings(queries, documents, fewer, fewerScores);
  }

  /**
   * The same documents in trec_eval's order: by score, and among equal scores by document id, the
   * greater id first (bytewise in UTF-8). The order a system returned counts for nothing there.
   */
  public Rankings inTrecOrder() {
    int[][] sortedDocuments = new int[ranked.length][];
    float[][] sortedScores = new float[ranked.length][];
    for (int q = 0; q < ranked.length; q++) {
      int query = q;
      Integer[] order = new Integer[ranked[q].length];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, byScoreThenId(query));
      sortedDocuments[q] = new int[order.length];
      sortedScores[q] = new float[order.length];
      for (int i = 0; i < order.length; i++) {
        sortedDocuments[q][i] = ranked[q][order[i]];
        sortedScores[q][i] = scores[q][order[i]];
      }
    }
    return new Rankings(queries, documents, sortedDocuments, sortedScores);
  }

  private Comparator<Integer> byScoreThenId(int query) {
    return (left, right) -> {
      int byScore = Float.compare(scores[query][right], scores[query][left]);
      return byScore != 0
          ? byScore
          : Utf8Order.compare(
              documents.name(ranked[query][right]), documents.name(ranked[query][left]));
    };
  }
}
