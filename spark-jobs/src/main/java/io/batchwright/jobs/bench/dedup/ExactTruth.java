package io.batchwright.jobs.bench.dedup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The exact Jaccard similarity of all pairs of texts, by an inverted index over their shingles.
 *
 * <p>Each different shingle string gets a number, so that sets are compact; nothing is hashed to
 * fewer bits, and no pair is skipped.
 */
final class ExactTruth {
  private ExactTruth() {}

  /** Documents {@code a < b} by their places, and their similarity. */
  record Pair(int a, int b, double jaccard) {}

  /** All pairs of {@code texts} whose similarity is at least {@code atLeast} > 0. */
  static List<Pair> pairs(List<String> texts, double atLeast) {
    Map<String, Integer> numbers = new HashMap<>();
    List<int[]> postings = new ArrayList<>(); // shingle -> {count, document, document, ...}
    int[] sizes = new int[texts.size()];
    List<Pair> pairs = new ArrayList<>();
    int[] shared = new int[texts.size()];
    int[] touched = new int[texts.size()];
    for (int b = 0; b < texts.size(); b++) {
      int touches = 0;
      var shingles = PlainShingles.of(texts.get(b));
      sizes[b] = shingles.size();
      for (String shingle : shingles) {
        int number = numbers.computeIfAbsent(shingle, any -> numbers.size());
        if (number == postings.size()) {
          postings.add(new int[] {0});
        }
        int[] posting = postings.get(number);
        for (int i = 1; i <= posting[0]; i++) {
          if (shared[posting[i]]++ == 0) {
            touched[touches++] = posting[i];
          }
        }
        postings.set(number, added(posting, b));
      }
      for (int i = 0; i < touches; i++) {
        int a = touched[i];
        double jaccard = (double) shared[a] / (sizes[a] + sizes[b] - shared[a]);
        if (jaccard >= atLeast) {
          pairs.add(new Pair(a, b, jaccard));
        }
        shared[a] = 0;
      }
      if (sizes[b] == 0) {
        for (int a = 0; a < b; a++) {
          if (sizes[a] == 0) {
            pairs.add(new Pair(a, b, 1));
          }
        }
      }
    }
    return pairs;
  }

  private static int[] added(int[] posting, int document) {
    int count = posting[0] + 1;
    int[] grown =
        count < posting.length
            ? posting
            : Arrays.copyOf(posting, posting.length == 1 ? 2 : posting.length * 2);
    grown[0] = count;
    grown[count] = document;
    return grown;
  }
}
