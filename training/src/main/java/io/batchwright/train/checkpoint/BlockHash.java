package io.batchwright.train.checkpoint;

import java.util.ArrayList;
import java.util.List;
import net.openhft.hashing.LongHashFunction;

/** XXH3 of each block of a stream, so that a file of any size is checked while it is read. */
final class BlockHash {
  static final int BLOCK_BYTES = 4 << 20;

  private final byte[] block = new byte[BLOCK_BYTES];
  private final List<String> hashes = new ArrayList<>();
  private int filled;
  private long bytes;

  void update(byte[] data, int length) {
    for (int from = 0; from < length; ) {
      int count = Math.min(length - from, BLOCK_BYTES - filled);
      System.arraycopy(data, from, block, filled, count);
      filled += count;
      from += count;
      if (filled == BLOCK_BYTES) {
        closeBlock();
      }
    }
    bytes += length;
  }

  /** The hashes of all blocks; nothing may follow. */
  List<String> finish() {
    if (filled > 0) {
      closeBlock();
    }
    return List.copyOf(hashes);
  }

  long bytes() {
    return bytes;
  }

  private void closeBlock() {
    hashes.add("%016x".formatted(LongHashFunction.xx3().hashBytes(block, 0, filled)));
    filled = 0;
  }
}
