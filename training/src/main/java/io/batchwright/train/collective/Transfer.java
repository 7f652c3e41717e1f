package io.batchwright.train.collective;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What two ranks move between them in one go.
 *
 * @param operation for messages
 * @param sequence how many transfers there were before on these connections
 * @param blocks the bytes
 * @param lengths of each block
 * @param schedule which blocks go and which come
 * @param reduction what is reduced, or null where nothing is
 * @param sentShape what tells the other end that it means the same blocks
 * @param expectedShape what this end must be told
 */
record Transfer(
    Operation operation,
    long sequence,
    Blocks blocks,
    int[] lengths,
    RingSchedule schedule,
    Reduction reduction,
    int sentShape,
    int expectedShape) {
  static final int HEADER_BYTES = 32;
  private static final long HEADER_MAGIC = 0x4257_5249_4e47_0001L;

  /** One for which both ends have the same blocks. */
  static Transfer ofSame(
      Operation operation,
      long sequence,
      Blocks blocks,
      RingSchedule schedule,
      Reduction reduction) {
    int[] lengths = blocks.lengths();
    int shape = Arrays.hashCode(lengths);
    return new Transfer(operation, sequence, blocks, lengths, schedule, reduction, shape, shape);
  }

  /** Sends the first block, receives the second; one that is empty is not even announced. */
  static Transfer ofPair(Operation operation, long sequence, Blocks blocks) {
    int[] none = {};
    int[] sizes = blocks.lengths();
    RingSchedule schedule =
        new RingSchedule(
            sizes[0] > 0 ? new int[] {0} : none, sizes[1] > 0 ? new int[] {1} : none, 0, true);
    return new Transfer(operation, sequence, blocks, sizes, schedule, null, sizes[0], sizes[1]);
  }

  /** The bytes of these blocks together. */
  long total(int[] numbers) {
    long sum = 0;
    for (int block : numbers) {
      sum += lengths[block];
    }
    return sum;
  }

  /** Bytes that may be sent before any has come. */
  long sendable() {
    return schedule.ownsFirst() && schedule.sends().length > 0 ? lengths[schedule.sends()[0]] : 0;
  }

  /** Writes the header that the other end reads first. */
  void announce(ByteBuffer header) {
    header.clear();
    header.putLong(HEADER_MAGIC).putLong(sequence).putLong(operation.kind().ordinal());
    header.putLong(sentShape).flip();
  }

  /** Says in which way the other end is elsewhere; empty where its header is the expected one. */
  String difference(ByteBuffer header) {
    long theirSequence = header.getLong(8);
    long theirKind = header.getLong(16);
    return header.getLong(0) == HEADER_MAGIC
            && theirSequence == sequence
            && theirKind == operation.kind().ordinal()
            && header.getLong(24) == expectedShape
        ? ""
        : "%s (operation %d), and this rank at %s (operation %d), or their sizes differ"
            .formatted(Operation.Kind.title(theirKind), theirSequence, operation, sequence);
  }
}
