package io.batchwright.data.token;

import java.util.Arrays;

/**
 * The count of each pair of symbols and the words it may be in: an open-addressing table over
 * primitive arrays.
 */
final class PairCounts {
  private static final int[] NOWHERE = {};

  private long[] keys = new long[1 << 16];
  private int[] slots = new int[1 << 16];
  private int size;

  private long[] pairs = new long[1 << 15];
  private long[] counts = new long[1 << 15];
  private long[] queued = new long[1 << 15];
  private int[][] places = new int[1 << 15][];
  private int[] placeCounts = new int[1 << 15];

  private int[] touched = new int[1 << 10];
  private int touchedCount;
  private boolean[] isTouched = new boolean[1 << 15];

  /** Receives a pair and its count. */
  interface PairConsumer {
    void accept(long pair, long count);
  }

  long count(long pair) {
    int entry = find(pair);
    return entry < 0 ? 0 : counts[entry];
  }

  /** Notes the largest count that the queue now holds for {@code pair}; 0 when it holds none. */
  void queuedWith(long pair, long count) {
    queued[entry(pair)] = count;
  }

  void add(long pair, long change) {
    int entry = entry(pair);
    counts[entry] += change;
    if (!isTouched[entry]) {
      isTouched[entry] = true;
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touched.length);
      }
      touched[touchedCount++] = entry;
    }
  }

  /** Notes that {@code word} holds {@code pair}; words come in runs, so repeats are dropped. */
  void occursIn(long pair, int word) {
    int entry = entry(pair);
    int[] known = places[entry];
    int length = placeCounts[entry];
    if (known == null) {
      known = new int[2];
    } else if (length > 0 && known[length - 1] == word) {
      return;
    } else if (length == known.length) {
      known = Arrays.copyOf(known, 2 * length);
    }
    known[length] = word;
    places[entry] = known;
    placeCounts[entry] = length + 1;
  }

  /** The words that may hold {@code pair}, which is then forgotten. */
  int[] takePlaces(long pair) {
    int entry = find(pair);
    if (entry < 0 || places[entry] == null) {
      return NOWHERE;
    }
    int[] taken = Arrays.copyOf(places[entry], placeCounts[entry]);
    places[entry] = null;
    placeCounts[entry] = 0;
    return taken;
  }

  /** Passes each pair whose count rose above what the queue knows since the last call. */
  void forEachRaised(PairConsumer consumer) {
    for (int i = 0; i < touchedCount; i++) {
      int entry = touched[i];
      isTouched[entry] = false;
      if (counts[entry] > queued[entry]) {
        queued[entry] = counts[entry];
        consumer.accept(pairs[entry], counts[entry]);
      }
    }
    touchedCount = 0;
  }

  private int find(long pair) {
    int mask = keys.length - 1;
    for (int at = spread(pair) & mask; slots[at] != 0; at = (at + 1) & mask) {
      if (keys[at] == pair) {
        return slots[at] - 1;
      }
    }
    return -1;
  }

  private int entry(long pair) {
    int found = find(pair);
    if (found >= 0) {
      return found;
    }
    if (2 * (size + 1) > keys.length) {
      grow();
    }
    if (size == pairs.length) {
      int capacity = 2 * size;
      pairs = Arrays.copyOf(pairs, capacity);
      counts = Arrays.copyOf(counts, capacity);
      queued = Arrays.copyOf(queued, capacity);
      places = Arrays.copyOf(places, capacity);
      placeCounts = Arrays.copyOf(placeCounts, capacity);
      isTouched = Arrays.copyOf(isTouched, capacity);
    }
    pairs[size] = pair;
    insert(pair, size);
    return size++;
  }

  private void insert(long pair, int entry) {
    int mask = keys.length - 1;
    int at = spread(pair) & mask;
    while (slots[at] != 0) {
      at = (at + 1) & mask;
    }
    keys[at] = pair;
    slots[at] = entry + 1;
  }

  private void grow() {
    keys = new long[2 * keys.length];
    slots = new int[keys.length];
    for (int entry = 0; entry < size; entry++) {
      insert(pairs[entry], entry);
    }
  }

  private static int spread(long pair) {
    long mixed = pair * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }
}
