package io.batchwright.data.dedup;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** Numbers of ids by their 128-bit hash, 24 bytes an id: small enough to send to every executor. */
final class IdIndex implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] low; // ascending
  private final long[] high;
  private final int[] numbers;

  /** Numbers {@code ids} from 0. */
  IdIndex(List<String> ids) {
    int size = ids.size();
    long[] lows = new long[size];
    long[] highs = new long[size];
    long[] halves = new long[2];
    Integer[] order = new Integer[size];
    for (int i = 0; i < size; i++) {
      Fingerprints.idHash(ids.get(i), halves);
      lows[i] = halves[0];
      highs[i] = halves[1];
      order[i] = i;
    }
    Arrays.sort(order, (a, b) -> Long.compare(lows[a], lows[b]));
    low = new long[size];
    high = new long[size];
    numbers = new int[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = order[i];
      low[i] = lows[order[i]];
      high[i] = highs[order[i]];
    }
  }

  /** The number of {@code id}, or -1. */
  int find(String id) {
    long[] halves = new long[2];
    Fingerprints.idHash(id, halves);
    int at = Arrays.binarySearch(low, halves[0]);
    if (at < 0) {
      return -1;
    }
    while (at > 0 && low[at - 1] == halves[0]) {
      at--;
    }
    for (; at < low.length && low[at] == halves[0]; at++) {
      if (high[at] == halves[1]) {
        return numbers[at];
      }
    }
    return -1;
  }
}
