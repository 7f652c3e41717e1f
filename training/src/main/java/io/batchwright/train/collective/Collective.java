package io.batchwright.train.collective;

import io.batchwright.tensor.Tensor;
import java.util.List;

/**
 * Operations that all ranks of a group run together, each rank with its own data.
 *
 * <p>Every rank calls the same operations in the same order with the same shapes; a rank that is
 * elsewhere is found by the operation's header and named. Results are bit-identical on every rank
 * and on every run of the same world: the order of additions is fixed by the rank numbers, never by
 * arrival. Each operation ends within the timeout of {@link RankContext} or throws {@link
 * RankFailure}. Instances belong to one thread at a time.
 *
 * <p>[R_r, D] is the row block of rank r, and [N, D] all row blocks in the order of ranks.
 */
public interface Collective extends AutoCloseable {
  /** This process' number in the group, from 0. */
  int rank();

  /** How many ranks the group has. */
  int world();

  /** Says where the caller is, such as {@code step 12}, for messages about late ranks. */
  void position(String where);

  /**
   * Replaces each element by its reduction over ranks.
   *
   * @param tensor any shape, F32, F64 or I32; the same shape on every rank
   */
  default void allReduce(Tensor tensor, ReduceOp op) {
    allReduce(List.of(tensor), op);
  }

  /**
   * Replaces each element of several tensors by its reduction over ranks. Small tensors of one
   * dtype travel together.
   *
   * @param tensors F32, F64 or I32, in the same order on every rank
   */
  void allReduce(List<Tensor> tensors, ReduceOp op);

  /** Replaces each value by its reduction over ranks, taken in the order of ranks. */
  void allReduce(double[] values, ReduceOp op);

  /** Replaces each value by its sum over ranks, taken in the order of ranks. */
  default void allReduce(double[] values) {
    allReduce(values, ReduceOp.SUM);
  }

  /** The values of all ranks, in the order of ranks. */
  int[] allGather(int value);

  /**
   * The values of all ranks, one after the other.
   *
   * @param counts how many values each rank brings
   */
  int[] allGather(int[] local, int[] counts);

  /**
   * The values of all ranks, one after the other.
   *
   * @param counts how many values each rank brings
   */
  long[] allGather(long[] local, int[] counts);

  /**
   * Collects the row blocks of all ranks.
   *
   * @param local [R_rank, D] this rank's rows, possibly none
   * @param out [N, D] where the rows of all ranks go, in the order of ranks
   * @param rows R_r for each rank r
   */
  void allGather(Tensor local, Tensor out, int[] rows);

  /**
   * Sums over ranks and leaves each rank its own row block.
   *
   * @param full [N, D] this rank's summand
   * @param out [R_rank, D] the sum over ranks of this rank's rows
   * @param rows R_r for each rank r
   */
  void reduceScatter(Tensor full, Tensor out, int[] rows);

  /**
   * Sends each rank a row block of its own, and receives one from each.
   *
   * @param local [N, D] what this rank sends: the block for rank 0, then that for rank 1, ...
   * @param sentRows the rows for each rank, possibly none
   * @param out [M, D] what this rank receives, in the order of ranks
   * @param receivedRows the rows from each rank: what that rank sends to this one
   */
  void allToAll(Tensor local, int[] sentRows, Tensor out, int[] receivedRows);

  /** Sends a tensor to another rank, which calls {@link #receive} with this one's number. */
  void send(Tensor tensor, int to);

  /** Receives a tensor of the same size that {@code from} sends to this rank. */
  void receive(Tensor tensor, int from);

  /** Gives every rank the tensor of {@code root}. */
  void broadcast(Tensor tensor, int root);

  /** Returns once every rank has called it. */
  void barrier();

  /**
   * A group of some of the ranks, called by each of its members and by no other rank.
   *
   * @param ranks numbers in this group; their order is the order in the new group
   */
  Collective subGroup(int... ranks);

  /**
   * Reductions move this many bytes at a time, the first of a list's concatenation first. The order
   * in which an element is summed depends on its place within those bytes alone, so that a list may
   * be reduced in parts that begin at multiples of them, to the same bits.
   */
  int segmentBytes();

  /** Seconds spent in operations since the group was made, waiting included. */
  double operationSeconds();

  /** Seconds spent waiting for peers since the group was made. */
  double waitSeconds();

  /** Bytes that this rank sent since the group was made. */
  long bytesSent();

  /**
   * Tells the other ranks that this one ends with {@code reason}, so that they stop at once instead
   * of waiting for it.
   */
  void abort(String reason);

  @Override
  void close();
}
