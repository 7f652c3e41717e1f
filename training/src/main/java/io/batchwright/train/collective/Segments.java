package io.batchwright.train.collective;

import io.batchwright.train.collective.Blocks.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * How a ring cuts data into what it moves at a time: two ranks are bound by memory and want what
 * lies in a cache, many by the number of hops and want few segments.
 *
 * @param ranks members of the ring
 */
record Segments(int ranks) {
  static final int MOST_BYTES = 16 << 20;

  /** Of a segment, what belongs to each rank: small enough for the caches. */
  private static final int BLOCK_BYTES = 512 << 10;

  private static final int ALIGNMENT = Long.BYTES;

  /** Bytes of a segment. */
  int bytes() {
    return (int) Math.min(MOST_BYTES, (long) ranks * BLOCK_BYTES);
  }

  /** The largest slice of one rank's block in a segment. */
  int quota() {
    return bytes() / ranks / ALIGNMENT * ALIGNMENT;
  }

  /** {@code bytes} of {@code payload} in as many consecutive blocks as there are ranks. */
  List<Range> even(Payload payload, long offset, int bytes, int elementBytes) {
    long elements = bytes / elementBytes;
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < ranks; i++) {
      long from = elements * i / ranks * elementBytes;
      long to = elements * (i + 1) / ranks * elementBytes;
      ranges.add(new Range(payload, offset + from, (int) (to - from)));
    }
    return ranges;
  }

  /** Of each block, what is moved after {@code done} bytes of it. */
  List<Range> slices(Payload payload, RowBlocks blocks, long done) {
    List<Range> slices = new ArrayList<>();
    for (int i = 0; i < ranks; i++) {
      int length = (int) Math.max(0, Math.min(quota(), blocks.of(i) - done));
      slices.add(new Range(payload, blocks.start(i) + done, length));
    }
    return slices;
  }
}
