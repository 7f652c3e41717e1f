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

/**
 * A ring of TCP connections: each rank sends to its successor and receives from its predecessor.
 *
 * <p>Sockets read and write the memory of tensors where it lies, if the host can see it; else data
 * passes through one direct buffer, which is kept. Large tensors go in {@link Segments}. Reductions
 * take the order of {@link RingSchedule}.
 */
final class TcpRing implements Collective {
  private final RankGroup group;
  private final RingTransfer transfer;
  private final PairTransfers connections;
  private final PairOperations pairs;
  private final Traffic traffic;
  private final boolean ownsEndpoint;
  private final Segments segments;
  private final Map<String, Integer> subGroups = new HashMap<>();
  private final Copies copies = new Copies();

  private TcpRing(
      RankGroup group,
      RingTransfer transfer,
      PairTransfers connections,
      Traffic traffic,
      boolean ownsEndpoint) {
    this.group = group;
    this.segments = new Segments(group.size());
    this.transfer = transfer;
    this.connections = connections;
    this.pairs = new PairOperations(group, connections, copies);
    this.traffic = traffic;
    this.ownsEndpoint = ownsEndpoint;
  }

  /**
   * Connects to the successor and waits for the predecessor.
   *
   * @param ranks the members, in the order of the ring
   * @param id what tells this ring's connections from other rings'; 0: that of all ranks, which
   *     closes the endpoint when it is closed
   */
  static TcpRing join(
      RankContext context,
      RankEndpoint endpoint,
      List<RankAddress> everyone,
      int[] ranks,
      long id) {
    RankGroup group = new RankGroup(context, endpoint, everyone, ranks);
    Traffic traffic = new Traffic();
    PairTransfers connections = new PairTransfers(group, id, traffic);
    return new TcpRing(group, connections.ring(), connections, traffic, id == 0);
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
  public int segmentBytes() {
    return segments.bytes();
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
          new Operation(Kind.ALL_REDUCE, tensors.get(from).label() + more),
          Payload.concatenation(bucket),
          new Reduction(dtype, op));
      from = to;
    }
  }

  private void allReduce(Operation operation, Payload payload, Reduction reduction) {
    RingSchedule schedule = RingSchedule.allReduce(rank(), world());
    long total = payload.bytes();
    long offset = 0;
    do {
      int size = (int) Math.min(segments.bytes(), total - offset);
      run(
          operation,
          segments.even(payload, offset, size, reduction.elementBytes()),
          schedule,
          reduction);
      offset += size;
    } while (offset < total);
  }

  @Override
  public void allReduce(double[] values, ReduceOp op) {
    double[] all = new double[values.length * world()];
    gather(
        new Operation(Kind.ALL_REDUCE, values.length + " numbers"),
        Payload.of(values),
        Payload.of(all),
        RowBlocks.of(each(values.length), Double.BYTES));
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
    return allGather(new int[] {value}, each(1));
  }

  @Override
  public int[] allGather(int[] local, int[] counts) {
    int[] all = new int[IntStream.of(counts).sum()];
    Operation operation = new Operation(Kind.ALL_GATHER, all.length + " ints");
    gather(operation, Payload.of(local), Payload.of(all), RowBlocks.of(counts, Integer.BYTES));
    return all;
  }

  @Override
  public long[] allGather(long[] local, int[] counts) {
    long[] all = new long[IntStream.of(counts).sum()];
    Operation operation = new Operation(Kind.ALL_GATHER, all.length + " longs");
    gather(operation, Payload.of(local), Payload.of(all), RowBlocks.of(counts, Long.BYTES));
    return all;
  }

  @Override
  public void allGather(Tensor local, Tensor out, int[] rows) {
    gather(
        new Operation(Kind.ALL_GATHER, local.label()),
        Payload.of(local),
        Payload.of(out),
        RowBlocks.ofRows(out, rows));
  }

  private void gather(Operation operation, Payload local, Payload all, RowBlocks blocks) {
    blocks.requireOne(operation, local, rank());
    blocks.requireAll(operation, all);
    RingSchedule schedule = RingSchedule.allGather(rank(), world());
    Payload.copy(local, 0, all, blocks.start(rank()), local.bytes());
    long done = 0;
    do {
      run(operation, segments.slices(all, blocks, done), schedule, null);
      done += segments.quota();
    } while (done < blocks.largest());
  }

  @Override
  public void reduceScatter(Tensor full, Tensor out, int[] rows) {
    Operation operation = new Operation(Kind.REDUCE_SCATTER, full.label());
    Reduction reduction = new Reduction(full.dtype(), ReduceOp.SUM);
    RingSchedule schedule = RingSchedule.reduceScatter(rank(), world());
    Payload all = Payload.of(full);
    Payload own = Payload.of(out);
    RowBlocks blocks = RowBlocks.ofRows(full, rows);
    blocks.requireAll(operation, all);
    blocks.requireOne(operation, own, rank());
    long done = 0;
    do {
      // In the buffer, since the summand must stay as it is.
      List<Range> slices = segments.slices(all, blocks, done);
      group.requireSound();
      Blocks.InBuffer copied = copies.of(slices, block -> true);
      transfer.run(operation, copied, schedule, reduction);
      own.copyFrom(done, copied.at(rank(), 0, slices.get(rank()).length()));
      done += segments.quota();
    } while (done < blocks.largest());
  }

  @Override
  public void broadcast(Tensor tensor, int root) {
    Operation operation = new Operation(Kind.BROADCAST, tensor.label());
    RingSchedule schedule = RingSchedule.broadcast(rank(), world(), root);
    Payload payload = Payload.of(tensor);
    long offset = 0;
    do {
      int size = (int) Math.min(segments.bytes(), payload.bytes() - offset);
      run(operation, List.of(new Range(payload, offset, size)), schedule, null);
      offset += size;
    } while (offset < payload.bytes());
  }

  @Override
  public void barrier() {
    RowBlocks ones = RowBlocks.of(each(1), 1);
    Payload nothing = Payload.of(new byte[world()]);
    RingSchedule schedule = RingSchedule.allGather(rank(), world());
    run(new Operation(Kind.BARRIER, ""), segments.slices(nothing, ones, 0), schedule, null);
  }

  @Override
  public void allToAll(Tensor local, int[] sentRows, Tensor out, int[] receivedRows) {
    pairs.allToAll(local, sentRows, out, receivedRows);
  }

  @Override
  public void send(Tensor tensor, int to) {
    pairs.send(tensor, to);
  }

  @Override
  public void receive(Tensor tensor, int from) {
    pairs.receive(tensor, from);
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
    connections.close();
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

  private int[] each(int count) {
    int[] counts = new int[world()];
    Arrays.fill(counts, count);
    return counts;
  }
}
