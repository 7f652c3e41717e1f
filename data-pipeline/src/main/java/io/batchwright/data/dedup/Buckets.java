package io.batchwright.data.dedup;

import java.util.Arrays;

/**
 * The anchors of each bucket, by number, in the order in which they came; linked lists over
 * primitive arrays.
 */
final class Buckets {
  private final int capacity;
  private final LongIndex keys = new LongIndex();
  private int[] heads = new int[64];
  private int[] sizes = new int[64];
  private int[] anchors = new int[64];
  private int[] next = new int[64];
  private int entries;
  private int[] found = new int[64];
  private int founds;
  private int[] seen = new int[64];
  private int round; // goes on over components, so that clearing costs nothing

  /**
   * @param capacity the most anchors of one bucket
   */
  Buckets(int capacity) {
    this.capacity = capacity;
  }

  void clear() {
    keys.clear();
    entries = 0;
  }

  /** Finds the distinct anchors of {@code print}'s buckets, ascending; returns their number. */
  int anchorsOf(byte[] print) {
    founds = 0;
    round++;
    for (int band = 0; band < BandKeys.bands(print); band++) {
      int bucket = keys.find(BandKeys.key(print, band));
      if (bucket >= 0) {
        collect(bucket);
      }
    }
    Arrays.sort(found, 0, founds);
    return founds;
  }

  /** One of the anchors found last. */
  int anchor(int i) {
    return found[i];
  }

  /** Adds an anchor to its buckets; true if one of them was full already. */
  boolean add(byte[] print, int anchor) {
    boolean full = false;
    for (int band = 0; band < BandKeys.bands(print); band++) {
      int bucket = bucket(BandKeys.key(print, band));
      if (sizes[bucket] >= capacity) {
        full = true;
        continue;
      }
      if (entries == next.length) {
        anchors = Arrays.copyOf(anchors, entries * 2);
        next = Arrays.copyOf(next, entries * 2);
      }
      anchors[entries] = anchor;
      next[entries] = heads[bucket];
      heads[bucket] = entries;
      sizes[bucket]++;
      entries++;
    }
    return full;
  }

  private int bucket(long key) {
    int known = keys.size();
    int bucket = keys.add(key);
    if (bucket == known) {
      if (bucket == heads.length) {
        heads = Arrays.copyOf(heads, bucket * 2);
        sizes = Arrays.copyOf(sizes, bucket * 2);
      }
      heads[bucket] = -1;
      sizes[bucket] = 0;
    }
    return bucket;
  }

  private void collect(int bucket) {
    for (int entry = heads[bucket]; entry >= 0; entry = next[entry]) {
      int anchor = anchors[entry];
      if (anchor >= seen.length) {
        seen = Arrays.copyOf(seen, Math.max(anchor + 1, seen.length * 2));
      }
      if (seen[anchor] != round) {
        seen[anchor] = round;
        if (founds == found.length) {
          found = Arrays.copyOf(found, founds * 2);
        }
        found[founds] = anchor;
        founds++;
      }
    }
  }
}
