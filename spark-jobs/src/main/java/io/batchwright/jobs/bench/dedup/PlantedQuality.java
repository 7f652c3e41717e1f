package io.batchwright.jobs.bench.dedup;

import io.batchwright.jobs.bench.dedup.PlantedSet.Planted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What was removed against what should have been.
 *
 * @param precision removals whose exact similarity to their survivor reaches the threshold, in [0,
 *     1]
 * @param wronglyRemoved removed documents to which no document that stays is similar enough
 * @param missed documents that stay though one that stays is similar enough and comes first
 * @param agreement of the clusters with those of the rule where all pairs are known
 * @param kinds counts by kind of document
 */
record PlantedQuality(
    double precision,
    int wronglyRemoved,
    int missed,
    BCubed agreement,
    SortedMap<String, Counts> kinds) {

  /** Counts of one kind. */
  record Counts(int documents, int expected, int removed, int wrong, int missed) {
    private static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    private Counts plus(boolean toGo, boolean gone, boolean wrongly, boolean left) {
      return new Counts(
          documents + 1,
          expected + (toGo ? 1 : 0),
          removed + (gone ? 1 : 0),
          wrong + (wrongly ? 1 : 0),
          missed + (left ? 1 : 0));
    }
  }

  /**
   * Judges {@code removed}.
   *
   * @param pairs all pairs of {@code documents} of similarity {@code threshold} and more
   */
  static PlantedQuality of(
      List<Planted> documents,
      List<ExactTruth.Pair> pairs,
      Dataset<Row> removed,
      double threshold) {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < documents.size(); i++) {
      places.put(documents.get(i).id(), i);
    }
    int[] survivors = IntStream.range(0, documents.size()).toArray();
    for (Row row : removed.select("doc_id", "survivor_id").collectAsList()) {
      survivors[places.get(row.getString(0))] = places.get(row.getString(1));
    }
    return of(documents, pairs, survivors, threshold);
  }

  static PlantedQuality of(
      List<Planted> documents, List<ExactTruth.Pair> pairs, int[] survivors, double threshold) {
    int[] truth = AnchoredTruth.survivors(documents, pairs, threshold);
    boolean[] trulySimilar = new boolean[documents.size()];
    boolean[] similarKept = new boolean[documents.size()];
    for (ExactTruth.Pair pair : pairs) {
      if (pair.jaccard() >= threshold) {
        trulySimilar[pair.a()] |= survivors[pair.a()] == pair.b();
        trulySimilar[pair.b()] |= survivors[pair.b()] == pair.a();
        similarKept[pair.a()] |= survivors[pair.b()] == pair.b();
        similarKept[pair.b()] |= survivors[pair.a()] == pair.a();
      }
    }
    int removals = 0;
    int right = 0;
    int wrong = 0;
    int missed = 0;
    SortedMap<String, Counts> kinds = new TreeMap<>();
    for (int i = 0; i < survivors.length; i++) {
      boolean gone = survivors[i] != i;
      boolean toGo = truth[i] != i;
      boolean wrongly = gone && !similarKept[i];
      boolean left = !gone && toGo && similarKept[i];
      removals += gone ? 1 : 0;
      right += gone && trulySimilar[i] ? 1 : 0;
      wrong += wrongly ? 1 : 0;
      missed += left ? 1 : 0;
      kinds.merge(
          documents.get(i).kind(),
          Counts.NONE.plus(toGo, gone, wrongly, left),
          (a, b) ->
              new Counts(
                  a.documents + b.documents,
                  a.expected + b.expected,
                  a.removed + b.removed,
                  a.wrong + b.wrong,
                  a.missed + b.missed));
    }
    double precision = removals == 0 ? 1 : (double) right / removals;
    return new PlantedQuality(precision, wrong, missed, BCubed.of(survivors, truth), kinds);
  }
}
