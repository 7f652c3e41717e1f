package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;

/**
 * Moves blocks of bytes: sends to one rank and receives from another at the same time, without
 * threads. In a ring these are the successor and the predecessor; either may be missing.
 *
 * <p>A received piece is reduced while later pieces are still on the way, and may be sent on as
 * soon as it is reduced.
 */
final class RingTransfer implements AutoCloseable {
  private static final int PIECE_BYTES = 256 << 10;
  private static final int SPINS = 100;

  // Word of a failure may come from a rank that has finished this very operation already.
  private static final long NOTICE_GRACE_NANOS = 500_000_000;

  private static final int HEADER_BYTES = 32;
  private static final long HEADER_MAGIC = 0x4257_5249_4e47_0001L;

  private final RankGroup group;
  private final RankGroup.Member successor;
  private final RankGroup.Member predecessor;
  private final Wire out;
  private final Wire in;
  private final Traffic traffic;
  private final Selector selector;
  private final SelectionKey outKey;
  private final SelectionKey inKey;
  private final ByteBuffer staging = direct(PIECE_BYTES);
  private final ByteBuffer headerOut = direct(HEADER_BYTES);
  private final ByteBuffer headerIn = direct(HEADER_BYTES);

  private long sequence;

  // The transfer under way.
  private Operation operation;
  private Blocks work;
  private int[] lengths;
  private RingSchedule schedule;
  private Reduction reduction;
  private long toSend;
  private long sent;
  private long toReceive;
  private long received;
  private long sendable;
  private int sendBlock;
  private int sendOffset;
  private int receiveBlock;
  private int receiveOffset;
  private boolean unflushed;

  /**
   * @param successor whom {@code out} reaches
   * @param out where to send, or null
   * @param predecessor whom {@code in} comes from
   * @param in where to receive, or null
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
    this.outKey = register(out);
    this.inKey = register(in);
    group.endpoint().wakeOnNotice(selector);
  }

  private SelectionKey register(Wire wire) throws IOException {
    if (wire == null) {
      return null;
    }
    wire.channel().configureBlocking(false);
    return wire.channel().register(selector, 0);
  }

  /** Runs one operation for which both ends have the same blocks. */
  void run(Operation what, Blocks blocks, RingSchedule order, Reduction how) {
    int shape = Arrays.hashCode(blocks.lengths());
    run(what, blocks, order, how, shape, shape);
  }

  /** Sends the first block, receives the second; one that is empty is not even announced. */
  void exchange(Operation what, Blocks blocks) {
    int[] none = {};
    int[] sizes = blocks.lengths();
    RingSchedule order =
        new RingSchedule(
            sizes[0] > 0 ? new int[] {0} : none, sizes[1] > 0 ? new int[] {1} : none, 0, true);
    run(what, blocks, order, null, sizes[0], sizes[1]);
  }

  /**
   * Runs one operation.
   *
   * @param how what is reduced, or null where nothing is
   * @param sentShape what the other end must find in the header
   * @param expectedShape what this end must find
   */
  private void run(
      Operation what,
      Blocks blocks,
      RingSchedule order,
      Reduction how,
      int sentShape,
      int expectedShape) {
    operation = what;
    work = blocks;
    lengths = blocks.lengths();
    schedule = order;
    reduction = how;
    toSend = total(order.sends());
    toReceive = total(order.receives());
    sent = 0;
    received = 0;
    sendable = order.ownsFirst() && order.sends().length > 0 ? lengths[order.sends()[0]] : 0;
    sendBlock = 0;
    sendOffset = 0;
    receiveBlock = 0;
    receiveOffset = 0;
    staging.clear();
    sequence++;
    prepareHeaders(sentShape);
    long start = System.nanoTime();
    try {
      transfer(expectedShape);
      traffic.operated(System.nanoTime() - start);
    } catch (IOException e) {
      throw group.lost(predecessor, operation, e);
    }
  }

  private void transfer(int expectedShape) throws IOException {
    long progressAt = System.nanoTime();
    int idle = 0;
    while (sending() || receiving()) {
      if (write() | read(expectedShape)) {
        idle = 0;
        progressAt = System.nanoTime();
      } else if (++idle < SPINS) {
        Thread.onSpinWait();
      } else {
        await(progressAt);
      }
    }
  }

  private boolean sending() {
    return headerOut.hasRemaining() || sent < toSend || unflushed;
  }

  private boolean receiving() {
    return headerIn.hasRemaining() || received < toReceive;
  }

  private boolean canSend() {
    return headerOut.hasRemaining() || sent < Math.min(toSend, sendable + received) || unflushed;
  }

  private boolean write() throws IOException {
    if (!canSend()) {
      return false;
    }
    int count = 0;
    try {
      if (headerOut.hasRemaining()) {
        count += out.write(headerOut);
      }
      while (!headerOut.hasRemaining() && sent < Math.min(toSend, sendable + received)) {
        ByteBuffer slice = nextToSend();
        int written = out.write(slice);
        count += written;
        sent += written;
        sendOffset += written;
        if (slice.hasRemaining() || receiving()) {
          break;
        }
      }
      unflushed = !out.flush();
    } catch (IOException e) {
      throw group.lost(successor, operation, e);
    }
    traffic.sent(count);
    return count > 0;
  }

  private ByteBuffer nextToSend() {
    while (sendOffset == lengths[schedule.sends()[sendBlock]]) {
      sendBlock++;
      sendOffset = 0;
    }
    int block = schedule.sends()[sendBlock];
    long most = Math.min(lengths[block] - sendOffset, Math.min(toSend, sendable + received) - sent);
    return work.at(block, sendOffset, (int) Math.min(most, PIECE_BYTES));
  }

  private boolean read(int expectedShape) throws IOException {
    if (headerIn.hasRemaining()) {
      if (fill(headerIn) && !headerIn.hasRemaining()) {
        checkHeader(expectedShape);
        return true;
      }
      return false;
    }
    if (received >= toReceive) {
      return false;
    }
    while (receiveOffset == lengths[schedule.receives()[receiveBlock]]) {
      receiveBlock++;
      receiveOffset = 0;
    }
    int block = schedule.receives()[receiveBlock];
    int left = lengths[block] - receiveOffset;
    return receiveBlock < schedule.reduced() ? readReduced(block, left) : readInto(block, left);
  }

  private boolean readReduced(int block, int left) throws IOException {
    staging.limit(Math.min(PIECE_BYTES, left));
    if (!fill(staging)) {
      return false;
    }
    int whole = staging.position() / reduction.elementBytes() * reduction.elementBytes();
    ByteBuffer from = staging.duplicate().flip();
    for (int done = 0; done < whole; ) {
      ByteBuffer into = work.at(block, receiveOffset, whole - done);
      int count = into.remaining();
      from.limit(done + count).position(done);
      reduction.apply(into, from);
      done += count;
      received += count;
      receiveOffset += count;
    }
    staging.flip().position(whole);
    staging.compact();
    return true;
  }

  private boolean readInto(int block, int left) throws IOException {
    ByteBuffer slice = work.at(block, receiveOffset, left);
    int before = slice.position();
    if (!fill(slice)) {
      return false;
    }
    int count = slice.position() - before;
    received += count;
    receiveOffset += count;
    return true;
  }

  private boolean fill(ByteBuffer buffer) throws IOException {
    int count;
    try {
      count = in.read(buffer);
    } catch (IOException e) {
      throw group.lost(predecessor, operation, e);
    }
    if (count < 0) {
      throw group.lost(predecessor, operation, null);
    }
    return count > 0;
  }

  private void await(long progressAt) throws IOException {
    long start = System.nanoTime();
    long left = group.timeout().toNanos() - (start - progressAt);
    if (left <= 0) {
      throw group.late(receiving() ? predecessor : successor, operation);
    }
    if (outKey != null) {
      outKey.interestOps(canSend() ? SelectionKey.OP_WRITE : 0);
    }
    if (inKey != null) {
      inKey.interestOps(receiving() ? SelectionKey.OP_READ : 0);
    }
    selector.select(Math.max(1, Math.min(250, left / 1_000_000)));
    selector.selectedKeys().clear();
    traffic.waited(System.nanoTime() - start);
    if (Thread.currentThread().isInterrupted()) {
      throw group.interrupted(receiving() ? predecessor : successor, operation);
    }
    if (System.nanoTime() - progressAt > NOTICE_GRACE_NANOS) {
      group.checkNotices(operation);
    }
  }

  private void prepareHeaders(int shape) {
    headerOut.clear();
    headerIn.clear();
    headerOut.putLong(HEADER_MAGIC).putLong(sequence).putLong(operation.kind().ordinal());
    headerOut.putLong(shape).flip();
    if (schedule.sends().length == 0) {
      headerOut.position(HEADER_BYTES);
    }
    if (schedule.receives().length == 0) {
      headerIn.position(HEADER_BYTES);
    }
  }

  private void checkHeader(int expectedShape) {
    long theirSequence = headerIn.getLong(8);
    long theirKind = headerIn.getLong(16);
    if (headerIn.getLong(0) != HEADER_MAGIC
        || theirSequence != sequence
        || theirKind != operation.kind().ordinal()
        || headerIn.getLong(24) != expectedShape) {
      throw group.disagrees(
          predecessor,
          "%s (operation %d), and this rank at %s (operation %d), or their sizes differ"
              .formatted(Operation.Kind.title(theirKind), theirSequence, operation, sequence));
    }
  }

  private long total(int[] blocks) {
    long sum = 0;
    for (int block : blocks) {
      sum += lengths[block];
    }
    return sum;
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    group.endpoint().forget(selector);
    for (Wire wire : new Wire[] {out, in}) {
      if (wire != null) {
        RankEndpoint.closeQuietly(wire.channel());
      }
    }
    try {
      selector.close();
    } catch (IOException e) {
      throw new IllegalStateException("a selector did not close", e);
    }
  }
}
