package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * Moves blocks of one buffer round the ring: sends to the successor and receives from the
 * predecessor at the same time, without threads.
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

  /** What all ranks must agree on before their bytes mean the same. */
  record Operation(Kind kind, String subject) {
    enum Kind {
      ALL_REDUCE("all-reduce"),
      ALL_GATHER("all-gather"),
      REDUCE_SCATTER("reduce-scatter"),
      BROADCAST("broadcast"),
      BARRIER("barrier");

      private final String title;

      Kind(String title) {
        this.title = title;
      }
    }

    @Override
    public String toString() {
      return subject.isEmpty() ? kind.title : kind.title + " of " + subject;
    }
  }

  private final RankGroup group;
  private final RankGroup.Member successor;
  private final RankGroup.Member predecessor;
  private final SocketChannel out;
  private final SocketChannel in;
  private final Selector selector;
  private final SelectionKey outKey;
  private final SelectionKey inKey;
  private final ByteBuffer staging = direct(PIECE_BYTES);
  private final ByteBuffer headerOut = direct(HEADER_BYTES);
  private final ByteBuffer headerIn = direct(HEADER_BYTES);

  private long sequence;
  private long waitNanos;
  private long bytesSent;

  // The transfer under way.
  private Operation operation;
  private ByteBuffer work;
  private int[] offsets;
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

  RingTransfer(RankGroup group, SocketChannel out, SocketChannel in) throws IOException {
    this.group = group;
    this.successor = group.successor();
    this.predecessor = group.predecessor();
    this.out = out;
    this.in = in;
    this.selector = Selector.open();
    out.configureBlocking(false);
    in.configureBlocking(false);
    this.outKey = out.register(selector, 0);
    this.inKey = in.register(selector, 0);
    group.endpoint().wakeOnNotice(selector);
  }

  /**
   * Runs one operation.
   *
   * @param buffer where the blocks lie
   * @param blockLengths bytes of each block; they follow each other
   * @param how what is reduced, or null where nothing is
   */
  void run(
      Operation what, ByteBuffer buffer, int[] blockLengths, RingSchedule blocks, Reduction how) {
    operation = what;
    work = buffer;
    lengths = blockLengths;
    schedule = blocks;
    reduction = how;
    offsets = new int[lengths.length];
    for (int i = 1; i < offsets.length; i++) {
      offsets[i] = offsets[i - 1] + lengths[i - 1];
    }
    toSend = total(blocks.sends());
    toReceive = total(blocks.receives());
    sent = 0;
    received = 0;
    sendable = blocks.ownsFirst() && blocks.sends().length > 0 ? lengths[blocks.sends()[0]] : 0;
    sendBlock = 0;
    sendOffset = 0;
    receiveBlock = 0;
    receiveOffset = 0;
    staging.clear();
    sequence++;
    prepareHeaders();
    try {
      transfer();
    } catch (IOException e) {
      throw group.lost(predecessor, operation, e);
    }
  }

  private void transfer() throws IOException {
    long progressAt = System.nanoTime();
    int idle = 0;
    while (sending() || receiving()) {
      if (write() | read()) {
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
    return headerOut.hasRemaining() || sent < toSend;
  }

  private boolean receiving() {
    return headerIn.hasRemaining() || received < toReceive;
  }

  private boolean canSend() {
    return headerOut.hasRemaining() || sent < Math.min(toSend, sendable + received);
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
      while (!headerOut.hasRemaining() && canSend()) {
        while (sendOffset == lengths[schedule.sends()[sendBlock]]) {
          sendBlock++;
          sendOffset = 0;
        }
        int block = schedule.sends()[sendBlock];
        long most =
            Math.min(lengths[block] - sendOffset, Math.min(toSend, sendable + received) - sent);
        int from = offsets[block] + sendOffset;
        ByteBuffer slice = work.duplicate();
        slice.limit(from + (int) Math.min(most, PIECE_BYTES)).position(from);
        int written = out.write(slice);
        count += written;
        sent += written;
        sendOffset += written;
        if (written < Math.min(most, PIECE_BYTES) || receiving()) {
          break;
        }
      }
    } catch (IOException e) {
      throw group.lost(successor, operation, e);
    }
    bytesSent += count;
    return count > 0;
  }

  private boolean read() throws IOException {
    if (headerIn.hasRemaining()) {
      if (fill(headerIn) && !headerIn.hasRemaining()) {
        checkHeader();
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
    if (whole > 0) {
      reduction.apply(work, offsets[block] + receiveOffset, staging, whole);
      received += whole;
      receiveOffset += whole;
      staging.flip().position(whole);
      staging.compact();
    }
    return true;
  }

  private boolean readInto(int block, int left) throws IOException {
    int from = offsets[block] + receiveOffset;
    ByteBuffer slice = work.duplicate();
    slice.limit(from + left).position(from);
    if (!fill(slice)) {
      return false;
    }
    int count = slice.position() - from;
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
    outKey.interestOps(canSend() ? SelectionKey.OP_WRITE : 0);
    inKey.interestOps(receiving() ? SelectionKey.OP_READ : 0);
    selector.select(Math.max(1, Math.min(250, left / 1_000_000)));
    selector.selectedKeys().clear();
    waitNanos += System.nanoTime() - start;
    if (Thread.currentThread().isInterrupted()) {
      throw group.interrupted(receiving() ? predecessor : successor, operation);
    }
    if (System.nanoTime() - progressAt > NOTICE_GRACE_NANOS) {
      group.checkNotices(operation);
    }
  }

  private void prepareHeaders() {
    headerOut.clear();
    headerIn.clear();
    headerOut.putLong(HEADER_MAGIC).putLong(sequence).putLong(operation.kind().ordinal());
    headerOut.putLong(Arrays.hashCode(lengths)).flip();
    if (schedule.sends().length == 0) {
      headerOut.position(HEADER_BYTES);
    }
    if (schedule.receives().length == 0) {
      headerIn.position(HEADER_BYTES);
    }
  }

  private void checkHeader() {
    long magic = headerIn.getLong(0);
    long theirSequence = headerIn.getLong(8);
    long theirKind = headerIn.getLong(16);
    if (magic != HEADER_MAGIC
        || theirSequence != sequence
        || theirKind != operation.kind().ordinal()
        || headerIn.getLong(24) != Arrays.hashCode(lengths)) {
      Operation.Kind[] kinds = Operation.Kind.values();
      String theirs =
          theirKind >= 0 && theirKind < kinds.length
              ? kinds[(int) theirKind].title
              : "something else";
      throw group.disagrees(
          predecessor,
          "%s (operation %d), and this rank at %s (operation %d), or their sizes differ"
              .formatted(theirs, theirSequence, operation, sequence));
    }
  }

  private long total(int[] blocks) {
    long sum = 0;
    for (int block : blocks) {
      sum += lengths[block];
    }
    return sum;
  }

  double waitSeconds() {
    return waitNanos / 1e9;
  }

  long bytesSent() {
    return bytesSent;
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    group.endpoint().forget(selector);
    RankEndpoint.closeQuietly(out);
    RankEndpoint.closeQuietly(in);
    try {
      selector.close();
    } catch (IOException e) {
      throw new IllegalStateException("a selector did not close", e);
    }
  }
}
