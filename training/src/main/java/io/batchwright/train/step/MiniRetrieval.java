package io.batchwright.train.step;

import io.batchwright.data.batch.StepBatch;
import io.batchwright.train.collective.Collective;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Retrieval over a small corpus: each query of the pairs is asked of the positives of all of them.
 *
 * <pre>
 * rank(i)  = 1 + number of texts d, no answer to query i, with q_i . d greater than q_i . p_i, or equal and d before p_i
 * ndcg10   = mean of 1 / log2(1 + rank), mrr10 = mean of 1 / rank, recall10 = mean of 1, each 0 beyond rank 10
 * </pre>
 *
 * <p>A score that is not finite is a failure, never a find: an answer with one has no rank, and any
 * other text with one stands before the answer.
 *
 * <p>A query with several answers counts once for each, the others left out. Pairs have the places
 * of the global batches and sums are taken in their order, so that the scores do not depend on how
 * the batches are spread. All ranks have the same result.
 */
final class MiniRetrieval {
  private static final int DEPTH = 10;

  private final Collective ranks;
  private final int dims;
  private final double[] vectors; // [2, N, D], queries then positives
  private final double[] texts; // [2, N], ids of queries, then of positives
  private final int pairs;

  /**
   * @param pairs N, of all ranks together
   * @param dims D
   */
  MiniRetrieval(Collective ranks, int pairs, int dims) {
    this.ranks = ranks;
    this.pairs = pairs;
    this.dims = dims;
    this.vectors = new double[2 * pairs * dims];
    this.texts = new double[2 * pairs];
  }

  /**
   * Takes this rank's part of a batch.
   *
   * @param first the place of the batch's first pair among all pairs
   * @param queries [B, D]
   * @param positives [B, D]
   */
  void add(int first, StepBatch batch, float[] queries, float[] positives) {
    for (int i = 0; i < batch.size(); i++) {
      int place = first + batch.positions()[i];
      if (place < pairs) {
        put(place, queries, i, batch.role("query").textIds()[i]);
        put(pairs + place, positives, i, batch.role("positive").textIds()[i]);
      }
    }
  }

  private void put(int row, float[] from, int index, long text) {
    texts[row] = text;
    for (int d = 0; d < dims; d++) {
      vectors[row * dims + d] = from[index * dims + d];
    }
  }

  /** The scores of all ranks' pairs, with {@code loss} beside them. */
  ValidationScores scores(double loss) {
    // Each row comes from one rank and is 0 on the others, so the sums are exact.
    ranks.allReduce(vectors);
    ranks.allReduce(texts);
    Map<Double, Integer> corpus = new LinkedHashMap<>(); // text to the row of its vector
    Map<Double, Set<Double>> answers = new HashMap<>();
    for (int i = 0; i < pairs; i++) {
      corpus.putIfAbsent(texts[pairs + i], pairs + i);
      answers.computeIfAbsent(texts[i], any -> new TreeSet<>()).add(texts[pairs + i]);
    }
    double[] found = new double[pairs];
    for (int i = ranks.rank(); i < pairs; i += ranks.world()) {
      found[i] = rank(i, corpus, answers.get(texts[i]));
    }
    ranks.allReduce(found);
    return new ValidationScores(
        loss,
        mean(found, rank -> Math.log(2) / Math.log(1 + rank)),
        mean(found, rank -> 1 / rank),
        mean(found, rank -> 1));
  }

  /** From 1; infinite where the answer's score is not finite. */
  private double rank(int query, Map<Double, Integer> corpus, Set<Double> answers) {
    int own = corpus.get(texts[pairs + query]);
    double best = dot(query, own);
    if (!Double.isFinite(best)) {
      return Double.POSITIVE_INFINITY;
    }
    int before = 0;
    for (Map.Entry<Double, Integer> other : corpus.entrySet()) {
      if (!answers.contains(other.getKey())) {
        double score = dot(query, other.getValue());
        if (Double.isNaN(score) || score > best || (score == best && other.getValue() < own)) {
          before++;
        }
      }
    }
    return 1 + before;
  }

  private double dot(int left, int right) {
    double sum = 0;
    for (int d = 0; d < dims; d++) {
      sum += vectors[left * dims + d] * vectors[right * dims + d];
    }
    return sum;
  }

  private interface Gain {
    double of(double rank);
  }

  private static double mean(double[] ranks, Gain gain) {
    return Arrays.stream(ranks).map(rank -> rank <= DEPTH ? gain.of(rank) : 0).sum() / ranks.length;
  }
}
