package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins rankings by rank alone, so that scores on different scales need no calibration.
 *
 * <pre>
 * score(d) = sum over the rankings that hold d of 1 / (k + rank of d)      ranks from 1
 * </pre>
 *
 * <p>Equal scores stand in the order of document ordinals.
 *
 * @param k damps the first ranks; 60 in the paper, positive
 * @param depth how many documents of the joined ranking are kept, at least 1
 */
@Paper(
    title =
        "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods (SIGIR"
            + " 2009)",
    where = "section 2")
public record ReciprocalRankFusion(double k, int depth) {
  public static final ReciprocalRankFusion PAPER = new ReciprocalRankFusion(60, 1000);

  public ReciprocalRankFusion {
    Check.positive("ReciprocalRankFusion.k", k);
    Check.atLeast("ReciprocalRankFusion.depth", depth, 1);
  }

  /**
   * Joins rankings of the same queries over the same documents.
   *
   * @throws IllegalArgumentException if there is none, or their queries or documents differ
   */
  public Rankings fuse(List<Rankings> systems) {
    if (systems.isEmpty()) {
      throw new IllegalArgumentException("nothing to fuse");
    }
    Ids queries = systems.get(0).queries();
    Ids documents = systems.get(0).documents();
    for (Rankings system : systems) {
      if (!system.queries().names().equals(queries.names())
          || !system.documents().names().equals(documents.names())) {
        throw new IllegalArgumentException("rankings to fuse differ in queries or documents");
      }
    }
    int[][] ranked = new int[queries.size()][];
    float[][] scores = new float[queries.size()][];
    for (int q = 0; q < queries.size(); q++) {
      Map<Integer, Double> sums = sums(systems, q);
      List<Map.Entry<Integer, Double>> order = new ArrayList<>(sums.entrySet());
      order.sort(
          Map.Entry.<Integer, Double>comparingByValue()
              .reversed()
              .thenComparing(Map.Entry.comparingByKey()));
      int length = Math.min(depth, order.size());
      ranked[q] = new int[length];
      scores[q] = new float[length];
      for (int i = 0; i < length; i++) {
        ranked[q][i] = order.get(i).getKey();
        scores[q][i] = order.get(i).getValue().floatValue();
      }
    }
    return Rankings.of(queries, documents, ranked, scores);
  }

  private Map<Integer, Double> sums(List<Rankings> systems, int query) {
    Map<Integer, Double> sums = new HashMap<>();
    for (Rankings system : systems) {
      for (int rank = 0; rank < system.length(query); rank++) {
        sums.merge(system.document(query, rank), 1 / (k + rank + 1), Double::sum);
      }
    }
    return sums;
  }
}
