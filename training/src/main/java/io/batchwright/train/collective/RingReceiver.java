package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The receiving end of transfers from one rank: a header, then the blocks in the order of the
 * schedule. The first of them are reduced into what this rank has, piece by piece as they come; the
 * others replace it.
 */
final class RingReceiver {
  private final RankGroup group;
  private final RankGroup.Member predecessor;
  private final Wire in;
  private final ByteBuffer staging = RingTransfer.direct(RingSender.PIECE_BYTES);
  private final ByteBuffer header = RingTransfer.direct(Transfer.HEADER_BYTES);

  private Transfer transfer;
  private long toReceive;
  private long received;
  private int block;
  private int offset;

  /**
   * @param in comes from {@code predecessor}
   */
  RingReceiver(RankGroup group, RankGroup.Member predecessor, Wire in) {
    this.group = group;
    this.predecessor = predecessor;
    this.in = in;
  }

  void begin(Transfer next) {
    transfer = next;
    toReceive = next.total(next.schedule().receives());
    received = 0;
    block = 0;
    offset = 0;
    staging.clear();
    header.clear();
    if (next.schedule().receives().length == 0) {
      header.position(Transfer.HEADER_BYTES);
    }
  }

  boolean done() {
    return !header.hasRemaining() && received == toReceive;
  }

  /** Bytes of blocks that have come, and been reduced where they are to be. */
  long received() {
    return received;
  }

  /**
   * Receives a piece without waiting.
   *
   * @return whether something came
   */
  boolean receive() {
    if (done()) {
      return false;
    }
    if (header.hasRemaining()) {
      return receiveHeader();
    }
    int[] receives = transfer.schedule().receives();
    while (offset == transfer.lengths()[receives[block]]) {
      block++;
      offset = 0;
    }
    int left = transfer.lengths()[receives[block]] - offset;
    return block < transfer.schedule().reduced()
        ? reduce(receives[block], left)
        : replace(receives[block], left);
  }

  private boolean receiveHeader() {
    boolean some = fill(header);
    if (!header.hasRemaining()) {
      String difference = transfer.difference(header);
      if (!difference.isEmpty()) {
        throw group.disagrees(predecessor, difference);
      }
    }
    return some;
  }

  private boolean reduce(int number, int left) {
    staging.limit(Math.min(RingSender.PIECE_BYTES, left));
    if (!fill(staging)) {
      return false;
    }
    Reduction reduction = transfer.reduction();
    int whole = staging.position() / reduction.elementBytes() * reduction.elementBytes();
    ByteBuffer from = staging.duplicate().flip();
    for (int done = 0; done < whole; ) {
      ByteBuffer into = transfer.blocks().at(number, offset, whole - done);
      int count = into.remaining();
      from.limit(done + count).position(done);
      reduction.apply(into, from);
      done += count;
      arrived(count);
    }
    staging.flip().position(whole);
    staging.compact();
    return true;
  }

  private boolean replace(int number, int left) {
    ByteBuffer into = transfer.blocks().at(number, offset, left);
    int before = into.position();
    boolean some = fill(into);
    arrived(into.position() - before);
    return some;
  }

  private void arrived(int count) {
    received += count;
    offset += count;
  }

  private boolean fill(ByteBuffer buffer) {
    int count;
    try {
      count = in.read(buffer);
    } catch (IOException e) {
      throw group.lost(predecessor, transfer.operation(), e);
    }
    if (count < 0) {
      throw group.lost(predecessor, transfer.operation(), null);
    }
    return count > 0;
  }
}
