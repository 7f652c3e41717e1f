package io.batchwright.train.collective;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Blocks.Range;
import io.batchwright.train.collective.Operation.Kind;
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
 * <p>Sockets read and write the memory of tensors where it lies, if the host can see it; else data
 * passes through one direct buffer, which is kept. Large tensors go in segments of at most {@value
 * #SEGMENT_BYTES} bytes. Reductions take the order of {@link RingSchedule}.
 */
final class TcpRing implements Collective {
  static final int SEGMENT_BYTES = 16 << 20;

  /** Of a segment, what belongs to each rank: small enough for the caches. */
  private static final int BLOCK_BYTES = 512 << 10;

  private static final int ALIGNMENT = Long.BYTES;

  private final RankGroup group;
  private final RingTransfer transfer;
  private final PairTransfers pairs;
  private final Traffic traffic;
  private final boolean ownsEndpoint;
  private final int segmentBytes;
  private final Map<String, Integer> subGroups = new HashMap<>();
  private final Copies copies = new Copies();

  private TcpRing(
      RankGroup group, RingTransfer transfer, PairTransfers pairs, Traffic traffic, long id) {
    this.group = group;
    this.segmentBytes = segmentBytes(group.size());
    this.transfer = transfer;
    this.pairs = pairs;
    this.traffic = traffic;
    this.ownsEndpoint = id == 0;
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
    Traffic traffic = new Traffic();
    PairTransfers pairs = new PairTransfers(group, id, traffic);
    return new TcpRing(group, pairs.ring(), pairs, traffic, id);
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
      List<Range> ranges = ranges(payload, offset, evenBlocks(size, reduction.elementBytes()));
      run(operation, ranges, schedule, reduction);
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
    Payload.copy(local, 0, all, start(blocks, rank()), local.bytes());
    long largest = LongStream.of(blocks).max().orElse(0);
    long done = 0;
    do {
      run(operation, slices(all, blocks, done), schedule, null);
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
      // In the buffer, since the summand must stay as it is.
      List<Range> slices = slices(all, blocks, done);
      Blocks.InBuffer copied = copies.of(slices, block -> true);
      transfer.run(operation, copied, schedule, reduction);
      own.copyFrom(done, copied.at(rank(), 0, slices.get(rank()).length()));
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
      run(operation, List.of(new Range(payload, offset, size)), schedule, null);
      offset += size;
    } while (offset < payload.bytes());
  }

  @Override
  public void barrier() {
    int[] ones = new int[world()];
    Arrays.fill(ones, 1);
    Payload nothing = Payload.of(new byte[world()]);
    RingSchedule schedule = RingSchedule.allGather(rank(), world());
    run(new Operation(Kind.BARRIER, ""), ranges(nothing, 0, ones), schedule, null);
  }

  @Override
  public void allToAll(Tensor local, int[] sentRows, Tensor out, int[] receivedRows) {
    Operation operation = new Operation(Kind.ALL_TO_ALL, local.label());
    Payload from = Payload.of(local);
    Payload into = Payload.of(out);
    long[] sent = bytes(sentRows, rowBytes(local));
    long[] received = bytes(receivedRows, rowBytes(out));
    requireBytes(operation, from, LongStream.of(sent).sum());
    requireBytes(operation, into, LongStream.of(received).sum());
    if (sent[rank()] != received[rank()]) {
      throw new IllegalArgumentException(
          "%s: rank %d sends itself %d rows and receives %d"
              .formatted(operation, rank(), sentRows[rank()], receivedRows[rank()]));
    }
    Payload.copy(from, start(sent, rank()), into, start(received, rank()), sent[rank()]);
    for (int stride = 1; stride < world(); stride++) {
      int to = (rank() + stride) % world();
      int source = Math.floorMod(rank() - stride, world());
      exchange(
          operation,
          pairs.stride(stride),
          new Stretch(from, start(sent, to), sent[to]),
          new Stretch(into, start(received, source), received[source]));
    }
  }

  @Override
  public void send(Tensor tensor, int to) {
    Operation operation = new Operation(Kind.SEND, tensor.label());
    Payload payload = Payload.of(tensor);
    Stretch all = new Stretch(payload, 0, payload.bytes());
    exchange(operation, pairs.to(other(to)), all, new Stretch(payload, 0, 0));
  }

  @Override
  public void receive(Tensor tensor, int from) {
    Operation operation = new Operation(Kind.SEND, tensor.label());
    Payload payload = Payload.of(tensor);
    Stretch all = new Stretch(payload, 0, payload.bytes());
    exchange(operation, pairs.from(other(from)), new Stretch(payload, 0, 0), all);
  }

  private int other(int rank) {
    if (rank < 0 || rank >= world() || rank == rank()) {
      throw new IllegalArgumentException(
          "rank %d of %d has no other rank %d".formatted(rank(), world(), rank));
    }
    return rank;
  }

  private record Stretch(Payload payload, long start, long bytes) {
    Range part(long done, int most) {
      return new Range(payload, start + done, (int) Math.max(0, Math.min(most, bytes - done)));
    }
  }

  private void exchange(Operation operation, RingTransfer pair, Stretch sent, Stretch received) {
    long most = Math.max(sent.bytes(), received.bytes());
    for (long done = 0; done < most; done += SEGMENT_BYTES) {
      List<Range> ranges =
          List.of(sent.part(done, SEGMENT_BYTES), received.part(done, SEGMENT_BYTES));
      group.requireSound();
      if (ranges.stream().allMatch(range -> range.payload().isViewable())) {
        pair.exchange(operation, new Blocks.InPlace(ranges));
      } else {
        Blocks.InBuffer copied = copies.of(ranges, block -> block == 0);
        pair.exchange(operation, copied);
        copies.back(ranges, copied, block -> block == 1);
      }
    }
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
  public double operationSeconds() {
    return traffic.operationSeconds();
  }

  @Override
  public double waitSeconds() {
    return traffic.waitSeconds();
  }

  @Override
  public long bytesSent() {
    return traffic.bytesSent();
  }

  @Override
  public void abort(String reason) {
    group.abort(reason);
  }

  @Override
  public void close() {
    pairs.close();
    if (ownsEndpoint) {
      group.endpoint().close();
    }
  }

  private void run(
      Operation operation, List<Range> ranges, RingSchedule schedule, Reduction reduction) {
    group.requireSound();
    if (ranges.stream().allMatch(range -> range.payload().isViewable())) {
      transfer.run(operation, new Blocks.InPlace(ranges), schedule, reduction);
      return;
    }
    Blocks.InBuffer copied = copies.of(ranges, schedule::needs);
    transfer.run(operation, copied, schedule, reduction);
    copies.back(ranges, copied, schedule::changes);
  }

  /** Consecutive ranges of these lengths. */
  private static List<Range> ranges(Payload payload, long offset, int[] lengths) {
    List<Range> ranges = new ArrayList<>();
    long start = offset;
    for (int length : lengths) {
      ranges.add(new Range(payload, start, length));
      start += length;
    }
    return ranges;
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

  /** Of each block, what is moved after {@code done} bytes. */
  private List<Range> slices(Payload payload, long[] blocks, long done) {
    List<Range> slices = new ArrayList<>();
    for (int i = 0; i < blocks.length; i++) {
      int length = (int) Math.max(0, Math.min(quota(), blocks[i] - done));
      slices.add(new Range(payload, start(blocks, i) + done, length));
    }
    return slices;
  }

  private static long start(long[] blocks, int index) {
    return LongStream.of(blocks).limit(index).sum();
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
