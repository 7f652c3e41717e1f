package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.List;

/**
 * Several sockets to one rank, which take turns: {@value #STRIPE_BYTES} bytes go over the first,
 * the next over the second, and so on. Their buffers let them carry at the same time; bytes come
 * out in the order in which they went in.
 *
 * <p>For networks that bound what one connection carries; what it does on a loopback is told at
 * {@link RankContext#USUAL_SOCKETS}.
 */
final class StripedWire implements Wire {
  static final int STRIPE_BYTES = 256 << 10;

  private final List<Wire> wires;
  private final boolean[] unflushed;
  private int turn;
  private int left = STRIPE_BYTES;

  /**
   * @param wires in the same order at both ends
   */
  StripedWire(List<Wire> wires) {
    this.wires = List.copyOf(wires);
    this.unflushed = new boolean[wires.size()];
  }

  private interface Move {
    int some(Wire wire, ByteBuffer buffer) throws IOException;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return move(source, Wire::write);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return move(target, Wire::read);
  }

  private int move(ByteBuffer buffer, Move move) throws IOException {
    int end = buffer.limit();
    int total = 0;
    while (buffer.position() < end) {
      buffer.limit(Math.min(end, buffer.position() + left));
      int wanted = buffer.remaining();
      int count = move.some(wires.get(turn), buffer);
      buffer.limit(end);
      if (count < 0) {
        return total > 0 ? total : count;
      }
      total += count;
      left -= count;
      if (left == 0) {
        turn = (turn + 1) % wires.size();
        left = STRIPE_BYTES;
      }
      if (count < wanted) {
        break;
      }
    }
    return total;
  }

  @Override
  public boolean flush() throws IOException {
    boolean all = true;
    for (int i = 0; i < wires.size(); i++) {
      unflushed[i] = !wires.get(i).flush();
      all &= !unflushed[i];
    }
    return all;
  }

  @Override
  public void watch(Selector selector, int operation) throws IOException {
    for (Wire wire : wires) {
      wire.watch(selector, operation);
    }
  }

  /**
   * Of those that have yet to be flushed, else of the one whose turn it is: a wire that takes
   * nothing more is one of the former, and one that could is none to wait for.
   */
  @Override
  public void want(boolean wanted) {
    boolean flushed = true;
    for (boolean left : unflushed) {
      flushed &= !left;
    }
    for (int i = 0; i < wires.size(); i++) {
      wires.get(i).want(wanted && (flushed ? i == turn : unflushed[i]));
    }
  }

  @Override
  public void close() {
    wires.forEach(Wire::close);
  }
}
