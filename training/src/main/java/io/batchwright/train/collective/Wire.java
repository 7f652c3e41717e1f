package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/** One direction of what connects two ranks, without waiting. */
interface Wire extends AutoCloseable {
  /** Leads nowhere. */
  Wire NONE = new NoWire();

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

  /** From now on {@code selector} wakes up when {@code operation} can go on, and is wanted. */
  void watch(Selector selector, int operation) throws IOException;

  /** Whether the selector shall wake up. */
  void want(boolean wanted);

  /** Gives the connection up. */
  @Override
  void close();

  /** No connection: nothing may be sent on it or asked of it. */
  final class NoWire implements Wire {
    private NoWire() {}

    @Override
    public int write(ByteBuffer source) {
      throw new IllegalStateException("there is no connection to send on");
    }

    @Override
    public int read(ByteBuffer target) {
      throw new IllegalStateException("there is no connection to receive from");
    }

    @Override
    public boolean flush() {
      return true;
    }

    @Override
    public void watch(Selector selector, int operation) {
      // Nothing happens on it.
    }

    @Override
    public void want(boolean wanted) {
      // Nothing happens on it.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
