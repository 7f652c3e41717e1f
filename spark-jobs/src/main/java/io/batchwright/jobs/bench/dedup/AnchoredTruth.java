package io.batchwright.jobs.bench.dedup;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the anchored rule removes where every pair is known: in the order of survival (the longer
 * text, then the lower id), a document goes if it is similar enough to one that stays.
 */
final class AnchoredTruth {
  private AnchoredTruth() {}

  /**
   * The survivor of each document, itself where it stays; the first in the order of survival where
   * several that stay are similar enough.
   *
   * @param documents id and text
   * @param pairs at least all pairs of similarity {@code threshold} and more
   */
  static int[] survivors(
      List<PlantedSet.Planted> documents, List<ExactTruth.Pair> pairs, double threshold) {
    int count = documents.size();
    int[] lengths =
        documents.stream().mapToInt(d -> d.text().codePointCount(0, d.text().length())).toArray();
    int[] order =
        IntStream.range(0, count)
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> -lengths[i])
                    .thenComparing(i -> documents.get(i).id()))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] place = new int[count];
    for (int i = 0; i < count; i++) {
      place[order[i]] = i;
    }
    int[][] similar = neighbours(count, pairs, threshold);
    int[] survivors = new int[count];
    Arrays.fill(survivors, -1);
    for (int document : order) {
      int best = document;
      for (int other : similar[document]) {
        if (place[other] < place[best] && survivors[other] == other) {
          best = other;
        }
      }
      survivors[document] = best;
    }
    return survivors;
  }

  private static int[][] neighbours(int count, List<ExactTruth.Pair> pairs, double threshold) {
    int[] degrees = new int[count];
    for (ExactTruth.Pair pair : pairs) {
      if (pair.jaccard() >= threshold) {
        degrees[pair.a()]++;
        degrees[pair.b()]++;
      }
    }
    int[][] similar = new int[count][];
    for (int i = 0; i < count; i++) {
      similar[i] = new int[degrees[i]];
    }
    for (ExactTruth.Pair pair : pairs) {
      if (pair.jaccard() >= threshold) {
        similar[pair.a()][--degrees[pair.a()]] = pair.b();
        similar[pair.b()][--degrees[pair.b()]] = pair.a();
      }
    }
    return similar;
  }
}
