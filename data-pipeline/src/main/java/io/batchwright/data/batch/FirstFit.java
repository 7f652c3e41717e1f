package io.batchwright.data.batch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Steps of equal size, filled from the first on, without two of a kind in one step. */
final class FirstFit {
  private final int size;
  private final int[] filled;
  private final List<Set<Long>> hashes = new ArrayList<>();
  private final List<Set<Long>> positives = new ArrayList<>();
  private int open;

  FirstFit(int steps, int size) {
    this.size = size;
    this.filled = new int[steps];
    for (int i = 0; i < steps; i++) {
      hashes.add(new HashSet<>());
      positives.add(new HashSet<>());
    }
  }

  /** The first step with room that holds neither value, which then holds both; or -1. */
  int place(long hash, long positive) {
    while (open < filled.length && filled[open] == size) {
      open++;
    }
    for (int step = open; step < filled.length; step++) {
      if (filled[step] < size
          && !hashes.get(step).contains(hash)
          && (positive < 0 || !positives.get(step).contains(positive))) {
        hashes.get(step).add(hash);
        positives.get(step).add(positive);
        filled[step]++;
        return step;
      }
    }
    return -1;
  }

  int size(int step) {
    return filled[step];
  }
}
