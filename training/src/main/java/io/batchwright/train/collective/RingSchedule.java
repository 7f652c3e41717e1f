package io.batchwright.train.collective;

import java.util.stream.IntStream;

/**
 * Which blocks of a buffer one rank sends to its successor and receives from its predecessor.
 *
 * <p>The ring needs no rounds: what a rank sends after its first block is exactly what it received,
 * so a byte goes on as soon as it has arrived and is reduced.
 *
 * @param sends block numbers in the order of sending
 * @param receives block numbers in the order of arrival
 * @param reduced how many of the first received blocks are reduced into the buffer; later ones
 *     replace it
 * @param ownsFirst whether the first block sent is this rank's own, or one that arrives first
 */
record RingSchedule(int[] sends, int[] receives, int reduced, boolean ownsFirst) {

  /**
   * Block b is summed in the order of ranks b+1, b+2, ..., b, then goes round once more.
   *
   * <p>Each rank sends 2 (world - 1) / world of the buffer, the least possible.
   */
  static RingSchedule allReduce(int rank, int world) {
    int steps = 2 * (world - 1);
    return rotation(rank - 1, world, steps, world - 1);
  }

  /** The first half of an all-reduce: rank r ends with block r summed. */
  static RingSchedule reduceScatter(int rank, int world) {
    return rotation(rank - 1, world, world - 1, world - 1);
  }

  /** Rank r starts with block r, and ends with all. */
  static RingSchedule allGather(int rank, int world) {
    return rotation(rank, world, world - 1, 0);
  }

  /** Block 0 goes from {@code root} to its successors, until it has reached all. */
  static RingSchedule broadcast(int rank, int world, int root) {
    int distance = Math.floorMod(rank - root, world);
    int[] block = {0};
    int[] none = {};
    return new RingSchedule(
        distance == world - 1 ? none : block, distance == 0 ? none : block, 0, distance == 0);
  }

  /** Whether the bytes of {@code block} count before the transfer: they are sent or reduced. */
  boolean needs(int block) {
    boolean own = ownsFirst && sends.length > 0 && sends[0] == block;
    return own || IntStream.of(receives).limit(reduced).anyMatch(other -> other == block);
  }

  /** Whether the transfer changes the bytes of {@code block}. */
  boolean changes(int block) {
    return IntStream.of(receives).anyMatch(other -> other == block);
  }

  private static RingSchedule rotation(int first, int world, int steps, int reduced) {
    int[] sends = new int[steps];
    int[] receives = new int[steps];
    for (int i = 0; i < steps; i++) {
      sends[i] = Math.floorMod(first - i, world);
      receives[i] = Math.floorMod(first - i - 1, world);
    }
    return new RingSchedule(sends, receives, reduced, true);
  }
}
