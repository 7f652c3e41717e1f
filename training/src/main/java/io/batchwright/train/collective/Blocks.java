package io.batchwright.train.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The blocks of bytes that one transfer moves. */
interface Blocks {
  /** Bytes of each block. */
  int[] lengths();

  /**
   * The bytes of {@code block} from {@code offset} on: as many as lie together, but at most {@code
   * most}, from position to limit of a little-endian buffer of the caller's own.
   */
  ByteBuffer at(int block, int offset, int most);

  /**
   * A stretch of a payload.
   *
   * @param payload what it belongs to
   * @param start its first byte
   * @param length its bytes
   */
  record Range(Payload payload, long start, int length) {}

  /** Blocks where they are, in the memory of their tensors. */
  record InPlace(List<Range> ranges) implements Blocks {
    @Override
    public int[] lengths() {
      return ranges.stream().mapToInt(Range::length).toArray();
    }

    @Override
    public ByteBuffer at(int block, int offset, int most) {
      Range range = ranges.get(block);
      return range.payload().view(range.start() + offset, most);
    }
  }

  /**
   * Blocks one after the other in a buffer.
   *
   * @param lengths of each block
   */
  record InBuffer(ByteBuffer buffer, int[] lengths) implements Blocks {
    @Override
    public ByteBuffer at(int block, int offset, int most) {
      int start = offset;
      for (int i = 0; i < block; i++) {
        start += lengths[i];
      }
      ByteBuffer view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      return view.limit(start + most).position(start);
    }
  }
}
