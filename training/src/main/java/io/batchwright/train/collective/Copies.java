package io.batchwright.train.collective;

import io.batchwright.train.collective.Blocks.Range;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Blocks in a direct buffer, which is kept: for bytes that sockets cannot reach, or must not
 * change.
 */
final class Copies {
  private ByteBuffer buffer = RingTransfer.direct(64 << 10);

  /** The ranges in the buffer; those that {@code needed} holds for with their bytes. */
  Blocks.InBuffer of(List<Range> ranges, IntPredicate needed) {
    int[] lengths = ranges.stream().mapToInt(Range::length).toArray();
    int bytes = IntStream.of(lengths).sum();
    if (buffer.capacity() < bytes) {
      buffer = RingTransfer.direct(bytes);
    }
    Blocks.InBuffer copies = new Blocks.InBuffer(buffer, lengths);
    for (int i = 0; i < lengths.length; i++) {
      Range range = ranges.get(i);
      if (range.length() > 0 && needed.test(i)) {
        range.payload().copyTo(range.start(), copies.at(i, 0, range.length()));
      }
    }
    return copies;
  }

  /** Copies those ranges back that {@code changed} holds for. */
  void back(List<Range> ranges, Blocks.InBuffer copies, IntPredicate changed) {
    for (int i = 0; i < ranges.size(); i++) {
      Range range = ranges.get(i);
      if (range.length() > 0 && changed.test(i)) {
        range.payload().copyFrom(range.start(), copies.at(i, 0, range.length()));
      }
    }
  }
}
