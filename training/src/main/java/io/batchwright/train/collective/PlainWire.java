package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One socket, bytes as they are. */
final class PlainWire implements Wire {
  private final SocketChannel channel;
  private SelectionKey key;
  private int operation;

  PlainWire(SocketChannel channel) {
    this.channel = channel;
  }

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

  @Override
  public void watch(Selector selector, int when) throws IOException {
    channel.configureBlocking(false);
    key = channel.register(selector, 0);
    operation = when;
  }

  @Override
  public void want(boolean wanted) {
    key.interestOps(wanted ? operation : 0);
  }

  @Override
  public void close() {
    RankEndpoint.closeQuietly(channel);
  }
}
