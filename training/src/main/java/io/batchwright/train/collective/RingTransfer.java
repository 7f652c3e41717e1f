package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Moves blocks of bytes: sends to one rank and receives from another at the same time, on the
 * caller's thread. In a ring these are the successor and the predecessor; either may be missing.
 *
 * <p>A received piece is reduced while later pieces are still on the way, and may be sent on as
 * soon as it is reduced. Where nothing moves it waits, no longer than the group's timeout.
 */
final class RingTransfer implements AutoCloseable {
  private static final int SPINS = 100;

  // Word of a failure may come from a rank that has finished this very operation already.
  private static final long NOTICE_GRACE_NANOS = 500_000_000;

  private final RankGroup group;
  private final RankGroup.Member successor;
  private final RankGroup.Member predecessor;
  private final Wire out;
  private final Wire in;
  private final Traffic traffic;
  private final Selector selector;
  private final RingSender sender;
  private final RingReceiver receiver;

  private long sequence;
  private Operation operation;

  /**
   * @param successor whom {@code out} reaches
   * @param out where to send; {@link Wire#NONE} for nowhere
   * @param predecessor whom {@code in} comes from
   * @param in where to receive; {@link Wire#NONE} for nowhere
   */
  RingTransfer(
      RankGroup group,
      RankGroup.Member successor,
      Wire out,
      RankGroup.Member predecessor,
      Wire in,
      Traffic traffic)
      throws IOException {
    this.group = group;
    this.successor = successor;
    this.predecessor = predecessor;
    this.out = out;
    this.in = in;
    this.traffic = traffic;
    this.selector = Selector.open();
    this.sender = new RingSender(group, successor, out, traffic);
    this.receiver = new RingReceiver(group, predecessor, in);
    try {
      out.watch(selector, SelectionKey.OP_WRITE);
      in.watch(selector, SelectionKey.OP_READ);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
    group.endpoint().wakeOnNotice(selector);
  }

  /**
   * Runs one operation for which both ends have the same blocks.
   *
   * @param reduction what is reduced, or null where nothing is
   */
  void run(Operation what, Blocks blocks, RingSchedule schedule, Reduction reduction) {
    run(Transfer.ofSame(what, ++sequence, blocks, schedule, reduction));
  }

  /** Sends the first block, receives the second; one that is empty is not even announced. */
  void exchange(Operation what, Blocks blocks) {
    run(Transfer.ofPair(what, ++sequence, blocks));
  }

  private void run(Transfer transfer) {
    operation = transfer.operation();
    sender.begin(transfer);
    receiver.begin(transfer);
    long start = System.nanoTime();
    try {
      move();
    } catch (IOException e) {
      throw group.lost(predecessor, operation, e);
    }
    traffic.operated(System.nanoTime() - start);
  }

  private void move() throws IOException {
    long progressAt = System.nanoTime();
    int idle = 0;
    while (!sender.done() || !receiver.done()) {
      if (sender.send(receiver.received(), !receiver.done()) | receiver.receive()) {
        idle = 0;
        progressAt = System.nanoTime();
      } else if (++idle < SPINS) {
        Thread.onSpinWait();
      } else {
        await(progressAt);
      }
    }
  }

  private void await(long progressAt) throws IOException {
    long start = System.nanoTime();
    RankGroup.Member awaited = receiver.done() ? successor : predecessor;
    long left = group.timeout().toNanos() - (start - progressAt);
    if (left <= 0) {
      throw group.late(awaited, operation);
    }
    out.want(sender.canSend(receiver.received()));
    in.want(!receiver.done());
    selector.select(Math.max(1, Math.min(250, left / 1_000_000)));
    selector.selectedKeys().clear();
    traffic.waited(System.nanoTime() - start);
    if (Thread.currentThread().isInterrupted()) {
      throw group.interrupted(awaited, operation);
    }
    if (System.nanoTime() - progressAt > NOTICE_GRACE_NANOS) {
      group.checkNotices(operation);
    }
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    group.endpoint().forget(selector);
    out.close();
    in.close();
    try {
      selector.close();
    } catch (IOException e) {
      throw new IllegalStateException("a selector did not close", e);
    }
  }
}
