package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The sending end of transfers to one rank: a header, then the blocks in the order of the schedule,
 * each byte as soon as it may go.
 */
final class RingSender {
  static final int PIECE_BYTES = 256 << 10;

  private final RankGroup group;
  private final RankGroup.Member successor;
  private final Wire out;
  private final Traffic traffic;
  private final ByteBuffer header = RingTransfer.direct(Transfer.HEADER_BYTES);

  private Transfer transfer;
  private long toSend;
  private long sent;
  private int block;
  private int offset;
  private boolean unflushed;

  /**
   * @param out reaches {@code successor}
   */
  RingSender(RankGroup group, RankGroup.Member successor, Wire out, Traffic traffic) {
    this.group = group;
    this.successor = successor;
    this.out = out;
    this.traffic = traffic;
  }

  void begin(Transfer next) {
    transfer = next;
    toSend = next.total(next.schedule().sends());
    sent = 0;
    block = 0;
    offset = 0;
    next.announce(header);
    if (next.schedule().sends().length == 0) {
      header.position(Transfer.HEADER_BYTES);
    }
  }

  boolean done() {
    return !header.hasRemaining() && sent == toSend && !unflushed;
  }

  /** Whether something could go now that {@code received} bytes have come. */
  boolean canSend(long received) {
    return header.hasRemaining() || sent < allowed(received) || unflushed;
  }

  /**
   * Sends without waiting, one piece where more may come meanwhile.
   *
   * @return whether something went
   */
  boolean send(long received, boolean receiving) {
    if (!canSend(received)) {
      return false;
    }
    int count = 0;
    try {
      if (header.hasRemaining()) {
        count += out.write(header);
      }
      while (!header.hasRemaining() && sent < allowed(received)) {
        ByteBuffer piece = next(received);
        int written = out.write(piece);
        count += written;
        sent += written;
        offset += written;
        if (piece.hasRemaining() || receiving) {
          break;
        }
      }
      unflushed = !out.flush();
    } catch (IOException e) {
      throw group.lost(successor, transfer.operation(), e);
    }
    traffic.sent(count);
    return count > 0;
  }

  private long allowed(long received) {
    return Math.min(toSend, transfer.sendable() + received);
  }

  private ByteBuffer next(long received) {
    int[] sends = transfer.schedule().sends();
    while (offset == transfer.lengths()[sends[block]]) {
      block++;
      offset = 0;
    }
    long left = transfer.lengths()[sends[block]] - offset;
    long most = Math.min(left, allowed(received) - sent);
    return transfer.blocks().at(sends[block], offset, (int) Math.min(most, PIECE_BYTES));
  }
}
