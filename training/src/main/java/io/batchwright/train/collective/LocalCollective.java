package io.batchwright.train.collective;

import io.batchwright.tensor.Tensor;
import java.util.List;

/** The group of one rank: reductions change nothing, gathers copy. */
public final class LocalCollective implements Collective {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int world() {
    return 1;
  }

  @Override
  public void position(String where) {
    // There is nobody to wait for.
  }

  @Override
  public void allReduce(List<Tensor> tensors, ReduceOp op) {
    // The reduction over one rank is its own value.
  }

  @Override
  public void allReduce(double[] values, ReduceOp op) {
    // The reduction over one rank is its own value.
  }

  @Override
  public int[] allGather(int value) {
    return new int[] {value};
  }

  @Override
  public int[] allGather(int[] local, int[] counts) {
    return local.clone();
  }

  @Override
  public long[] allGather(long[] local, int[] counts) {
    return local.clone();
  }

  @Override
  public void allGather(Tensor local, Tensor out, int[] rows) {
    Payload.copy(Payload.of(local), Payload.of(out));
  }

  @Override
  public void reduceScatter(Tensor full, Tensor out, int[] rows) {
    Payload.copy(Payload.of(full), Payload.of(out));
  }

  @Override
  public void allToAll(Tensor local, int[] sentRows, Tensor out, int[] receivedRows) {
    Payload.copy(Payload.of(local), Payload.of(out));
  }

  @Override
  public void send(Tensor tensor, int to) {
    throw new IllegalArgumentException("a world of 1 has no other rank " + to);
  }

  @Override
  public void receive(Tensor tensor, int from) {
    throw new IllegalArgumentException("a world of 1 has no other rank " + from);
  }

  @Override
  public void broadcast(Tensor tensor, int root) {
    requireMember(root);
  }

  @Override
  public void barrier() {
    // This rank is here.
  }

  @Override
  public Collective subGroup(int... ranks) {
    for (int rank : ranks) {
      requireMember(rank);
    }
    return new LocalCollective();
  }

  @Override
  public int segmentBytes() {
    return new Segments(1).bytes();
  }

  @Override
  public double operationSeconds() {
    return 0;
  }

  @Override
  public double waitSeconds() {
    return 0;
  }

  @Override
  public long bytesSent() {
    return 0;
  }

  @Override
  public void abort(String reason) {
    // There is nobody to tell.
  }

  @Override
  public void close() {
    // Nothing is held.
  }

  private static void requireMember(int rank) {
    if (rank != 0) {
      throw new IllegalArgumentException("a world of 1 has no rank " + rank);
    }
  }
}
