package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Bytes in sealed records: the length of what follows (4 bytes), then a record of {@link Seal}. */
final class SealedWire implements Wire {
  static final int RECORD_BYTES = 64 << 10;
  private static final int LENGTH_BYTES = 4;

  private final PlainWire socket;
  private final Seal seal;
  private final ByteBuffer sealed =
      ByteBuffer.allocate(LENGTH_BYTES + RECORD_BYTES + Seal.TAG_BYTES);
  private final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES + Seal.TAG_BYTES);

  SealedWire(SocketChannel channel, Seal seal) {
    this.socket = new PlainWire(channel);
    this.seal = seal;
    sealed.limit(0);
    plain.limit(0);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (!flush() || !source.hasRemaining()) {
      return 0;
    }
    int count = Math.min(RECORD_BYTES, source.remaining());
    sealed.clear().position(LENGTH_BYTES);
    seal.seal(source.duplicate().limit(source.position() + count), sealed);
    sealed.putInt(0, sealed.position() - LENGTH_BYTES).flip();
    source.position(source.position() + count);
    flush();
    return count;
  }

  @Override
  public boolean flush() throws IOException {
    if (sealed.hasRemaining()) {
      socket.write(sealed);
    }
    return !sealed.hasRemaining();
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!plain.hasRemaining()) {
      int state = receive();
      if (state <= 0) {
        return state;
      }
    }
    int count = Math.min(plain.remaining(), target.remaining());
    target.put(plain.slice().limit(count));
    plain.position(plain.position() + count);
    return count;
  }

  @Override
  public void watch(Selector selector, int operation) throws IOException {
    socket.watch(selector, operation);
  }

  @Override
  public void want(boolean wanted) {
    socket.want(wanted);
  }

  @Override
  public void close() {
    socket.close();
  }

  /** Opens the next record if all of it is here: 1, else 0, or -1 at the end. */
  private int receive() throws IOException {
    if (!sealed.hasRemaining()) { // the last record is done
      sealed.clear().limit(LENGTH_BYTES);
    }
    if (socket.read(sealed) < 0) {
      return -1;
    }
    if (sealed.position() == LENGTH_BYTES && sealed.limit() == LENGTH_BYTES) {
      int length = sealed.getInt(0);
      if (length < Seal.TAG_BYTES || length > RECORD_BYTES + Seal.TAG_BYTES) {
        throw new IOException("what was received is not a sealed record");
      }
      sealed.limit(LENGTH_BYTES + length);
      if (socket.read(sealed) < 0) {
        return -1;
      }
    }
    if (sealed.hasRemaining()) {
      return 0;
    }
    plain.clear();
    seal.open(sealed.position(LENGTH_BYTES), plain);
    plain.flip();
    return 1;
  }
}
