package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One direction of a connection between two ranks, without waiting. */
interface Wire {
  /** What a selector watches. */
  SocketChannel channel();

  /**
   * Takes bytes to send.
   *
   * @return how many were taken, perhaps none
   */
  int write(ByteBuffer source) throws IOException;

  /**
   * Gives bytes that have come.
   *
   * @return how many, perhaps none; -1 at the end
   */
  int read(ByteBuffer target) throws IOException;

  /** Sends on what was taken and has not left yet; says whether nothing is left. */
  boolean flush() throws IOException;

  /** Bytes as they are. */
  record Plain(SocketChannel channel) implements Wire {
    @Override
    public int write(ByteBuffer source) throws IOException {
      return channel.write(source);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return channel.read(target);
    }

    @Override
    public boolean flush() {
      return true;
    }
  }
}
