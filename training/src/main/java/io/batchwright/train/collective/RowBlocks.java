package io.batchwright.train.collective;

import io.batchwright.tensor.Tensor;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Consecutive blocks of bytes, one for each rank.
 *
 * @param bytes of each block
 */
record RowBlocks(long[] bytes) {

  /**
   * Blocks of elements.
   *
   * @param counts elements of each rank
   * @param each bytes of an element
   */
  static RowBlocks of(int[] counts, long each) {
    return new RowBlocks(IntStream.of(counts).mapToLong(count -> count * each).toArray());
  }

  /** Blocks of so many rows of {@code tensor} each. */
  static RowBlocks ofRows(Tensor tensor, int[] rows) {
    long each = tensor.dtype().bytes();
    for (int dim = 1; dim < tensor.shape().rank(); dim++) {
      each *= tensor.shape().dim(dim);
    }
    return of(rows, each);
  }

  long of(int rank) {
    return bytes[rank];
  }

  long total() {
    return LongStream.of(bytes).sum();
  }

  long largest() {
    return LongStream.of(bytes).max().orElse(0);
  }

  /** Where the block of {@code rank} starts. */
  long start(int rank) {
    return LongStream.of(bytes).limit(rank).sum();
  }

  /** Requires that {@code all} holds all blocks. */
  void requireAll(Operation operation, Payload all) {
    require(operation, all, total());
  }

  /** Requires that {@code own} holds the block of {@code rank}. */
  void requireOne(Operation operation, Payload own, int rank) {
    require(operation, own, bytes[rank]);
  }

  private static void require(Operation operation, Payload payload, long expected) {
    if (payload.bytes() != expected) {
      throw new IllegalArgumentException(
          "%s: the row counts ask for %d bytes, but the tensor has %d"
              .formatted(operation, expected, payload.bytes()));
    }
  }
}
