package io.batchwright.train.collective;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Blocks.Range;
import io.batchwright.train.collective.Operation.Kind;
import java.util.List;

/** What goes from one rank to another, and not round the ring. */
final class PairOperations {
  private final RankGroup group;
  private final PairTransfers pairs;
  private final Copies copies;

  PairOperations(RankGroup group, PairTransfers pairs, Copies copies) {
    this.group = group;
    this.pairs = pairs;
    this.copies = copies;
  }

  void send(Tensor tensor, int to) {
    Payload payload = Payload.of(tensor);
    Stretch all = new Stretch(payload, 0, payload.bytes());
    exchange(operation(tensor), pairs.to(other(to)), all, new Stretch(payload, 0, 0));
  }

  void receive(Tensor tensor, int from) {
    Payload payload = Payload.of(tensor);
    Stretch all = new Stretch(payload, 0, payload.bytes());
    exchange(operation(tensor), pairs.from(other(from)), new Stretch(payload, 0, 0), all);
  }

  void allToAll(Tensor local, int[] sentRows, Tensor out, int[] receivedRows) {
    Operation operation = new Operation(Kind.ALL_TO_ALL, local.label());
    Payload from = Payload.of(local);
    Payload into = Payload.of(out);
    RowBlocks sent = RowBlocks.ofRows(local, sentRows);
    RowBlocks received = RowBlocks.ofRows(out, receivedRows);
    sent.requireAll(operation, from);
    received.requireAll(operation, into);
    int self = group.index();
    if (sent.of(self) != received.of(self)) {
      throw new IllegalArgumentException(
          "%s: rank %d sends itself %d rows and receives %d"
              .formatted(operation, self, sentRows[self], receivedRows[self]));
    }
    Payload.copy(from, sent.start(self), into, received.start(self), sent.of(self));
    for (int stride = 1; stride < group.size(); stride++) {
      int to = (self + stride) % group.size();
      int source = Math.floorMod(self - stride, group.size());
      exchange(
          operation,
          pairs.stride(stride),
          new Stretch(from, sent.start(to), sent.of(to)),
          new Stretch(into, received.start(source), received.of(source)));
    }
  }

  private static Operation operation(Tensor tensor) {
    return new Operation(Kind.SEND, tensor.label());
  }

  private int other(int rank) {
    if (rank < 0 || rank >= group.size() || rank == group.index()) {
      throw new IllegalArgumentException(
          "rank %d of %d has no other rank %d".formatted(group.index(), group.size(), rank));
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
    for (long done = 0; done < most; done += Segments.MOST_BYTES) {
      List<Range> ranges =
          List.of(sent.part(done, Segments.MOST_BYTES), received.part(done, Segments.MOST_BYTES));
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
}
