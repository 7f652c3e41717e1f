package io.batchwright.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.openhft.hashing.LongHashFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The checksum of a file: XXH3 of its bytes where they are at most 64 MiB; for longer files, XXH3
 * of the little-endian XXH3s of its 64 MiB blocks, since our hash library does not stream.
 */
final class FileChecksum {
  static final int BLOCK = 64 << 20;
  private static final LongHashFunction XXH3 = LongHashFunction.xx3();

  private FileChecksum() {}

  static String of(Path path, Configuration hadoop) throws IOException {
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      byte[] block = in.readNBytes(BLOCK);
      long first = XXH3.hashBytes(block);
      if (block.length < BLOCK) {
        return hex(first);
      }
      ByteBuffer hashes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(first);
      int blocks = 1;
      for (block = in.readNBytes(BLOCK); block.length > 0; block = in.readNBytes(BLOCK)) {
        hashes =
            ByteBuffer.allocate(8 * ++blocks)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(hashes.flip())
                .putLong(XXH3.hashBytes(block));
      }
      return hex(blocks == 1 ? first : XXH3.hashBytes(hashes.array()));
    }
  }

  private static String hex(long hash) {
    return "%016x".formatted(hash);
  }
}
