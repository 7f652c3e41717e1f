package io.batchwright.train.collective;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.RingTransfer.Operation;
import io.batchwright.train.collective.RingTransfer.Operation.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A ring of TCP connections: each rank sends to its successor and receives from its predecessor.
 *
 * <p>Data passes through one direct buffer of at most {@value #SEGMENT_BYTES} bytes, which is kept;
 * larger tensors go in segments. Reductions take the order of {@link RingSchedule}.
 */
final class TcpRing implements Collective {
  static final int SEGMENT_BYTES = 16 << 20;

  /** Of a segment, what belongs to each rank: small enough for the caches. */
  private static final int BLOCK_BYTES = 512 << 10;

  private static final int ALIGNMENT = Long.BYTES;

  private final RankGroup group;
  private final RingTransfer transfer;
  private final boolean ownsEndpoint;
  private final int segmentBytes;
  private final Map<String, Integer> subGroups = new HashMap<>();
  private ByteBuffer buffer = RingTransfer.direct(64 << 10);

  private TcpRing(RankGroup group, RingTransfer transfer, boolean ownsEndpoint) {
    this.group = group;
    this.segmentBytes = segmentBytes(group.size());
    this.transfer = transfer;
    this.ownsEndpoint = ownsEndpoint;
  }

  /**
   * Bytes that a ring of so many ranks moves at a time: two ranks are bound by memory and want what
   * lies in a cache, many by the number of hops and want few segments.
   */
  static int segmentBytes(int world) {
    return (int) Math.min(SEGMENT_BYTES, (long) world * BLOCK_BYTES);
  }

  /**
   * Connects to the successor and waits for the predecessor.
   *
   * @param ranks the members, in the order of the ring
   * @param id what tells this ring's connections from other rings'
   */
  static TcpRing join(
      RankContext context,
      RankEndpoint endpoint,
      List<RankAddress> everyone,
      int[] ranks,
      long id) {
    RankGroup group = new RankGroup(context, endpoint, everyone, ranks);
    SocketChannel out = callSuccessor(group, id);
    try {
      SocketChannel in = awaitPredecessor(group, id);
      return new TcpRing(group, new RingTransfer(group, out, in), id == 0);
    } catch (IOException | RuntimeException e) {
      RankEndpoint.closeQuietly(out);
      throw e instanceof RankFailure failure
          ? failure
          : group.lost(group.predecessor(), "connecting", e);
    }
  }

  private static SocketChannel callSuccessor(RankGroup group, long id) {
    RankGroup.Member to = group.successor();
    try {
      return group
          .endpoint()
          .call(
              to.address(),
              new Handshake.Hello(Handshake.Kind.RING, group.context().rank(), to.rank(), id),
              group.timeout());
    } catch (Handshake.Refused e) {
      throw new RankFailure(
          to.rank(),
          "%s refused rank %d: %s".formatted(to, group.context().rank(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw group.lost(to, "connecting (" + e.getMessage() + ")", e);
    }
  }

  private static SocketChannel awaitPredecessor(RankGroup group, long id) {
    RankGroup.Member from = group.predecessor();
    try {
      SocketChannel in = group.endpoint().await(id, from.rank(), group.timeout());
      if (in == null) {
        group.checkNotices("connecting");
        List<String> refusals = group.endpoint().refusals();
        throw group.late(
            from, refusals.isEmpty() ? "connecting" : "connecting (" + refusals.get(0) + ")");
      }
      return in;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw group.interrupted(from, "connecting");
    }
  }

  @Override
  public int rank() {
    return group.index();
  }

  @Override
  public int world() {
    return group.size();
  }

  @Override
  public void position(String where) {
    group.position(where);
  }

  @Override
  public void allReduce(List<Tensor> tensors, ReduceOp op) {
    for (int from = 0; from < tensors.size(); ) {
      DType dtype = tensors.get(from).dtype();
      int to = from;
      List<Payload> bucket = new ArrayList<>();
      while (to < tensors.size() && tensors.get(to).dtype() == dtype) {
        bucket.add(Payload.of(tensors.get(to++)));
      }
      String more = bucket.size() > 1 ? " and " + (bucket.size() - 1) + " more" : "";
      allReduce(
          tensors.get(from).label() + more,
          Payload.concatenation(bucket),
          new Reduction(dtype, op));
      from = to;
    }
  }

  private void allReduce(String subject, Payload payload, Reduction reduction) {
    Operation operation = new Operation(Kind.ALL_REDUCE, subject);
    RingSchedule schedule = RingSchedule.allReduce(rank(), world());
    long total = payload.bytes();
    long offset = 0;
    do {
      int size = (int) Math.min(segmentBytes, total - offset);
      payload.copyTo(offset, segment(0, size));
      run(operation, evenBlocks(size, reduction.elementBytes()), schedule, reduction);
      payload.copyFrom(offset, segment(0, size));
      offset += size;
    } while (offset < total);
  }

  @Override
  public void allReduce(double[] values, ReduceOp op) {
    int[] counts = new int[world()];
    Arrays.fill(counts, values.length);
    double[] all = new double[values.length * world()];
    gather(
        new Operation(Kind.ALL_REDUCE, values.length + " numbers"),
        Payload.of(values),
        Payload.of(all),
        bytes(counts, Double.BYTES));
    for (int i = 0; i < values.length; i++) {
      double result = all[i];
      for (int rank = 1; rank < world(); rank++) {
        double next = all[rank * values.length + i];
        result = op == ReduceOp.SUM ? result + next : Math.max(result, next);
      }
      values[i] = result;
    }
  }

  @Override
  public int[] allGather(int value) {
    int[] counts = new int[world()];
    Arrays.fill(counts, 1);
    return allGather(new int[] {value}, counts);
  }

  @Override
  public int[] allGather(int[] local, int[] counts) {
    int[] all = new int[IntStream.of(counts).sum()];
    Operation operation = new Operation(Kind.ALL_GATHER, all.length + " ints");
    gather(operation, Payload.of(local), Payload.of(all), bytes(counts, Integer.BYTES));
    return all;
  }

  @Override
  public long[] allGather(long[] local, int[] counts) {
    long[] all = new long[IntStream.of(counts).sum()];
    Operation operation = new Operation(Kind.ALL_GATHER, all.length + " longs");
    gather(operation, Payload.of(local), Payload.of(all), bytes(counts, Long.BYTES));
    return all;
  }

  @Override
  public void allGather(Tensor local, Tensor out, int[] rows) {
    gather(
        new Operation(Kind.ALL_GATHER, local.label()),
        Payload.of(local),
        Payload.of(out),
        bytes(rows, rowBytes(out)));
  }

  private void gather(Operation operation, Payload local, Payload all, long[] blocks) {
    requireBytes(operation, local, blocks[rank()]);
    requireBytes(operation, all, LongStream.of(blocks).sum());
    RingSchedule schedule = RingSchedule.allGather(rank(), world());
    long largest = LongStream.of(blocks).max().orElse(0);
    long done = 0;
    do {
      int[] slices = slices(blocks, done);
      if (slices[rank()] > 0) {
        local.copyTo(done, segment(before(slices, rank()), slices[rank()]));
      }
      run(operation, slices, schedule, null);
      forEachSlice(slices, blocks, done, all::copyFrom);
      done += quota();
    } while (done < largest);
  }

  @Override
  public void reduceScatter(Tensor full, Tensor out, int[] rows) {
    Operation operation = new Operation(Kind.REDUCE_SCATTER, full.label());
    Reduction reduction = new Reduction(full.dtype(), ReduceOp.SUM);
    RingSchedule schedule = RingSchedule.reduceScatter(rank(), world());
    Payload all = Payload.of(full);
    Payload own = Payload.of(out);
    long[] blocks = bytes(rows, rowBytes(full));
    requireBytes(operation, all, LongStream.of(blocks).sum());
    requireBytes(operation, own, blocks[rank()]);
    long largest = LongStream.of(blocks).max().orElse(0);
    long done = 0;
    do {
      int[] slices = slices(blocks, done);
      forEachSlice(slices, blocks, done, all::copyTo);
      run(operation, slices, schedule, reduction);
      if (slices[rank()] > 0) {
        own.copyFrom(done, segment(before(slices, rank()), slices[rank()]));
      }
      done += quota();
    } while (done < largest);
  }

  @Override
  public void broadcast(Tensor tensor, int root) {
    Operation operation = new Operation(Kind.BROADCAST, tensor.label());
    RingSchedule schedule = RingSchedule.broadcast(rank(), world(), root);
    Payload payload = Payload.of(tensor);
    long offset = 0;
    do {
      int size = (int) Math.min(segmentBytes, payload.bytes() - offset);
      if (rank() == root) {
        payload.copyTo(offset, segment(0, size));
      }
      run(operation, new int[] {size}, schedule, null);
      if (rank() != root) {
        payload.copyFrom(offset, segment(0, size));
      }
      offset += size;
    } while (offset < payload.bytes());
  }

  @Override
  public void barrier() {
    int[] slices = new int[world()];
    Arrays.fill(slices, 1);
    run(new Operation(Kind.BARRIER, ""), slices, RingSchedule.allGather(rank(), world()), null);
  }

  @Override
  public Collective subGroup(int... ranks) {
    if (ranks.length == 1 && ranks[0] == rank()) {
      return new LocalCollective();
    }
    int[] members = IntStream.of(ranks).map(rank -> group.member(rank).rank()).toArray();
    // The n-th group of the same members has its own connections.
    int generation = subGroups.merge(Arrays.toString(members), 1, Integer::sum);
    long id = (long) Arrays.hashCode(members) << 32 | generation;
    return join(group.context(), group.endpoint(), group.everyone(), members, id);
  }

  @Override
  public double waitSeconds() {
    return transfer.waitSeconds();
  }

  @Override
  public long bytesSent() {
    return transfer.bytesSent();
  }

  @Override
  public void abort(String reason) {
    group.abort(reason);
  }

  @Override
  public void close() {
    transfer.close();
    if (ownsEndpoint) {
      group.endpoint().close();
    }
  }

  private void run(Operation operation, int[] lengths, RingSchedule schedule, Reduction reduction) {
    group.requireSound();
    reserve(IntStream.of(lengths).sum());
    transfer.run(operation, buffer, lengths, schedule, reduction);
  }

  /** The part of the buffer that starts at {@code offset}. */
  private ByteBuffer segment(int offset, int length) {
    reserve(offset + length);
    ByteBuffer view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    return view.limit(offset + length).position(offset);
  }

  private void reserve(int bytes) {
    if (buffer.capacity() < bytes) {
      ByteBuffer larger =
          RingTransfer.direct(Math.max(bytes, Math.min(segmentBytes, 2 * buffer.capacity())));
      larger.put(buffer.clear()).clear();
      buffer = larger;
    }
  }

  private int[] evenBlocks(int bytes, int elementBytes) {
    long elements = bytes / elementBytes;
    int[] lengths = new int[world()];
    for (int i = 0; i < lengths.length; i++) {
      long from = elements * i / world();
      long to = elements * (i + 1) / world();
      lengths[i] = (int) (to - from) * elementBytes;
    }
    return lengths;
  }

  /** The largest slice of one rank's block in a segment. */
  private int quota() {
    return segmentBytes / world() / ALIGNMENT * ALIGNMENT;
  }

  private int[] slices(long[] blocks, long done) {
    return LongStream.of(blocks)
        .mapToInt(block -> (int) Math.max(0, Math.min(quota(), block - done)))
        .toArray();
  }

  private void forEachSlice(int[] slices, long[] blocks, long done, SliceCopy copy) {
    long blockStart = 0;
    for (int i = 0; i < slices.length; i++) {
      if (slices[i] > 0) {
        copy.apply(blockStart + done, segment(before(slices, i), slices[i]));
      }
      blockStart += blocks[i];
    }
  }

  private interface SliceCopy {
    void apply(long offset, ByteBuffer slice);
  }

  private static int before(int[] slices, int index) {
    return IntStream.of(slices).limit(index).sum();
  }

  private static long[] bytes(int[] counts, long each) {
    return IntStream.of(counts).mapToLong(count -> count * each).toArray();
  }

  private static long rowBytes(Tensor tensor) {
    long bytes = tensor.dtype().bytes();
    for (int dim = 1; dim < tensor.shape().rank(); dim++) {
      bytes *= tensor.shape().dim(dim);
    }
    return bytes;
  }

  private static void requireBytes(Operation operation, Payload payload, long expected) {
    if (payload.bytes() != expected) {
      throw new IllegalArgumentException(
          "%s: the row counts ask for %d bytes, but the tensor has %d"
              .formatted(operation, expected, payload.bytes()));
    }
  }
}
