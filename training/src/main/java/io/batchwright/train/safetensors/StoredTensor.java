package io.batchwright.train.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** A tensor in an open {@link Safetensors} file, which may be written to another as it is. */
public final class StoredTensor implements SafetensorsWriter.Values {
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader.Entry entry;

  StoredTensor(FileChannel channel, long dataStart, SafetensorsHeader.Entry entry) {
    this.channel = channel;
    this.dataStart = dataStart;
    this.entry = entry;
  }

  @Override
  public SafetensorsType type() {
    return entry.type();
  }

  @Override
  public long[] shape() {
    return Arrays.copyOf(entry.shape(), entry.shape().length);
  }

  @Override
  public void write(FileChannel target) throws IOException {
    long position = dataStart + entry.begin();
    long end = dataStart + entry.end();
    while (position < end) {
      long moved = channel.transferTo(position, end - position, target);
      if (moved <= 0) {
        throw new EOFException("truncated while it was copied");
      }
      position += moved;
    }
  }
}
