package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;

import io.batchwright.kernel.Arguments;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** The tokens of a batch and where its bags begin, checked and copied to scratch arrays. */
final class Bags {
  final int count;
  final int tokenCount;
  final int[] tokens;
  final int[] offsets;

  private Bags(int count, int tokenCount, int[] tokens, int[] offsets) {
    this.count = count;
    this.tokenCount = tokenCount;
    this.tokens = tokens;
    this.offsets = offsets;
  }

  static Bags of(String operation, Tensor tokens, Tensor cuSeqlens, Scratch scratch) {
    integers(operation, "tokens", tokens);
    rank(operation, "tokens", tokens, 1);
    integers(operation, "cuSeqlens", cuSeqlens);
    rank(operation, "cuSeqlens", cuSeqlens, 1);
    int tokenCount = tokens.shape().dim(0);
    int count = cuSeqlens.shape().dim(0) - 1;
    require(count >= 0, operation, "cuSeqlens must be [B + 1], got %s", cuSeqlens);
    int[] offsets = scratch.intRow(Slots.OFFSETS, count + 1);
    OffHeap.get(CpuMemory.addressOf(cuSeqlens), offsets, count + 1);
    Arguments.offsets(operation, offsets, count, tokenCount, "tokens");
    int[] ids = scratch.intRow(Slots.TOKENS, tokenCount);
    OffHeap.get(CpuMemory.addressOf(tokens), ids, tokenCount);
    return new Bags(count, tokenCount, ids, offsets);
  }

  /** The bag of each token. */
  int[] bagOfEachToken(Scratch scratch) {
    int[] bagOf = scratch.intRow(Slots.BAG_OF, tokenCount);
    for (int b = 0; b < count; b++) {
      Arrays.fill(bagOf, offsets[b], offsets[b + 1], b);
    }
    return bagOf;
  }
}
