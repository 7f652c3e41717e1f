package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;

/**
 * Which kernels of attention are used, and what they ask for.
 *
 * @param suffix of their names, as in {@code _64_f32}: the most columns of a head, and how it is
 *     stored
 * @param rows that a block owns
 * @param threads of a block
 * @param forwardBytes of shared memory
 * @param queriesBytes of shared memory, where queries own
 * @param keysBytes of shared memory, where keys own
 */
record AttentionKernels(
    String suffix, int rows, int threads, int forwardBytes, int queriesBytes, int keysBytes) {

  /**
   * Those for heads of that many columns.
   *
   * @param aligned whether all tensors start at a multiple of 16 bytes
   */
  static AttentionKernels of(DType dtype, Precision precision, int dims, boolean aligned) {
    int widest = Math.max(32, Integer.highestOneBit(2 * dims - 1));
    // Tensor cores read four numbers at once.
    boolean fits = aligned && dims % 4 == 0 && widest <= 128;
    if (fits && dtype == DType.BF16) {
      return onTensorCores(widest, "_bf16");
    }
    return fits && precision == Precision.BF16 && dtype == DType.F32
        ? onTensorCores(widest, "_rounded")
        : plain(dtype, widest, dims);
  }

  /** How a head is stored, and whether it is rounded when it is read, as in {@code _f32}. */
  String stored() {
    return suffix.substring(suffix.lastIndexOf('_'));
  }

  /** Whether there are kernels; there are none for BF16 in heads that tensor cores do not take. */
  boolean exist() {
    return rows == 64 || !suffix.endsWith("_bf16");
  }

  /** {@code attention.cu}: 32 rows a tile, and weights of 4 rows for each of 256 threads. */
  private static AttentionKernels plain(DType dtype, int widest, int dims) {
    int owned = 32 * dims;
    int streamed = 32 * (dims + 1);
    int weights = 4 * 256;
    return new AttentionKernels(
        Checks.typed("_" + widest, dtype),
        32,
        256,
        dtype.bytes() * (owned + 2 * streamed + weights),
        dtype.bytes() * (2 * owned + 2 * streamed + weights),
        dtype.bytes() * (2 * owned + 2 * streamed + 2 * weights));
  }

  /** {@code attention_bf16.cu}: rows of bf16 with a gap of 16 bytes. */
  private static AttentionKernels onTensorCores(int widest, String stored) {
    int row = 2 * widest + 16;
    int rows = 64;
    int streamedForward = 64;
    int streamedBack = widest == 32 ? 64 : 32;
    return new AttentionKernels(
        "_" + widest + stored,
        rows,
        128,
        row * (rows + 2 * streamedForward),
        row * (2 * rows + 2 * streamedBack),
        row * (2 * rows + 2 * streamedBack) + 4 * 2 * streamedBack);
  }
}
