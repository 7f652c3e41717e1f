package io.batchwright.data.dedup;

import java.util.Arrays;

/** Numbers distinct longs in the order in which they come, from 0; primitive open addressing. */
final class LongIndex {
  private long[] keys;
  private int[] slots; // number + 1, or 0 where free
  private int size;

  LongIndex() {
    this(16);
  }

  /**
   * @param expected about how many there will be, at most 2^28
   */
  LongIndex(int expected) {
    keys = new long[Math.max(16, expected)];
    slots = new int[Math.max(64, Integer.highestOneBit(keys.length) * 4)];
  }

  int size() {
    return size;
  }

  long key(int number) {
    return keys[number];
  }

  /** The number of {@code key}, a new one where it is new. */
  int add(long key) {
    int slot = slot(key);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
    }
    keys[size] = key;
    size++;
    slots[slot] = size;
    if (size * 2 > slots.length) {
      grow();
    }
    return size - 1;
  }

  /** The number of {@code key}, or -1. */
  int find(long key) {
    return slots[slot(key)] - 1;
  }

  /** Forgets all keys, and gives memory back where they were many. */
  void clear() {
    if (slots.length > 1 << 12) {
      keys = new long[16];
      slots = new int[64];
    } else {
      Arrays.fill(slots, 0);
    }
    size = 0;
  }

  private void grow() {
    slots = new int[slots.length * 2];
    for (int number = 0; number < size; number++) {
      slots[slot(keys[number])] = number + 1;
    }
  }

  private int slot(long key) {
    int mask = slots.length - 1;
    int slot = (int) (Mix.mix(key) >>> 20) & mask;
    while (slots[slot] != 0 && keys[slots[slot] - 1] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
