package io.batchwright.data.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Learns merges: again and again the most frequent pair of neighbouring symbols becomes one symbol.
 *
 * <p>Pair counts are kept exactly while words change. Only words that hold the merged pair are
 * visited; a pair's place in the queue is corrected when it is taken. Equal counts go to the pair
 * with the smaller ids, so the result depends on nothing but the counts.
 */
final class Merges {
  private final List<String> symbols;
  private final String continuation;
  private final long[] counts;
  private final int[][] words;
  private final Map<String, Integer> ids = new HashMap<>();
  private final PairCounts pairs = new PairCounts();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

  /** The merges made, as (left, right) ids, in order. */
  private final List<int[]> merges = new ArrayList<>();

  /**
   * Starts with {@code words} as sequences of symbol ids; the arrays are used up.
   *
   * @param alphabet the symbols, by id
   * @param continuation what marks a symbol inside a word and is left out of the right part of a
   *     merge, or empty
   */
  Merges(List<String> alphabet, int[][] words, long[] counts, String continuation) {
    this.symbols = new ArrayList<>(alphabet);
    this.words = words;
    this.counts = counts;
    this.continuation = continuation;
    for (int i = 0; i < symbols.size(); i++) {
      ids.put(symbols.get(i), i);
    }
  }

  /** All symbols by id: the alphabet, then one for each merge that made a new one. */
  List<String> symbols() {
    return symbols;
  }

  /** Merges until there are {@code vocabulary} symbols or no pair occurs {@code minCount} times. */
  List<int[]> learn(int vocabulary, long minCount) {
    for (int word = 0; word < words.length; word++) {
      count(word, words[word].length, counts[word]);
      for (int i = 0; i + 1 < words[word].length; i++) {
        pairs.occursIn(pair(words[word][i], words[word][i + 1]), word);
      }
    }
    enqueueTouched();
    while (symbols.size() < vocabulary) {
      Candidate best = next();
      if (best == null || best.count < minCount) {
        break;
      }
      merge(best.pair);
    }
    return merges;
  }

  private Candidate next() {
    while (!queue.isEmpty()) {
      Candidate best = queue.poll();
      long count = pairs.count(best.pair);
      if (count == best.count) {
        pairs.queuedWith(best.pair, 0);
        return best;
      }
      if (count < best.count) {
        pairs.queuedWith(best.pair, count);
        if (count > 0) {
          queue.add(new Candidate(best.pair, count));
        }
      }
    }
    return null;
  }

  private void merge(long pair) {
    int left = (int) (pair >>> 32);
    int right = (int) pair;
    String text = symbols.get(left) + withoutMark(symbols.get(right));
    int merged = ids.computeIfAbsent(text, added -> symbols.size());
    if (merged == symbols.size()) {
      symbols.add(text);
    }
    merges.add(new int[] {left, right});
    int[] places = pairs.takePlaces(pair);
    for (int word : places) {
      replace(word, left, right, merged);
    }
    enqueueTouched();
  }

  private String withoutMark(String symbol) {
    return symbol.startsWith(continuation) ? symbol.substring(continuation.length()) : symbol;
  }

  private void replace(int word, int left, int right, int merged) {
    int[] symbolsOfWord = words[word];
    if (!holds(symbolsOfWord, left, right)) {
      return;
    }
    count(word, symbolsOfWord.length, -counts[word]);
    int length = 0;
    for (int i = 0; i < symbolsOfWord.length; i++) {
      boolean hit =
          symbolsOfWord[i] == left && i + 1 < symbolsOfWord.length && symbolsOfWord[i + 1] == right;
      symbolsOfWord[length++] = hit ? merged : symbolsOfWord[i];
      if (hit) {
        i++;
      }
    }
    words[word] = Arrays.copyOf(symbolsOfWord, length);
    count(word, length, counts[word]);
    for (int i = 0; i < length; i++) {
      if (words[word][i] == merged) {
        if (i > 0) {
          pairs.occursIn(pair(words[word][i - 1], merged), word);
        }
        if (i + 1 < length) {
          pairs.occursIn(pair(merged, words[word][i + 1]), word);
        }
      }
    }
  }

  private static boolean holds(int[] symbols, int left, int right) {
    for (int i = 0; i + 1 < symbols.length; i++) {
      if (symbols[i] == left && symbols[i + 1] == right) {
        return true;
      }
    }
    return false;
  }

  private void count(int word, int length, long change) {
    for (int i = 0; i + 1 < length; i++) {
      pairs.add(pair(words[word][i], words[word][i + 1]), change);
    }
  }

  private void enqueueTouched() {
    pairs.forEachRaised((pair, count) -> queue.add(new Candidate(pair, count)));
  }

  private static long pair(int left, int right) {
    return ((long) left << 32) | right;
  }

  private record Candidate(long pair, long count) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byCount = Long.compare(other.count, count);
      return byCount != 0 ? byCount : Long.compare(pair, other.pair);
    }
  }
}
