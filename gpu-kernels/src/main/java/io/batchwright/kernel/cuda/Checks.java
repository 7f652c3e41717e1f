package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;

import io.batchwright.kernel.Arguments;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Locale;

/** What kernels are called by type, and what must be known of integers before one is started. */
final class Checks {

  private Checks() {}

  /** {@code exp_f32}: the kernel for tensors of this type. */
  static String typed(String kernel, DType dtype) {
    return kernel + "_" + dtype.name().toLowerCase(Locale.ROOT);
  }

  /** {@code fill_b32}: the kernel for elements of this size, whatever they mean. */
  static String sized(String kernel, DType dtype) {
    return kernel + "_b" + 8 * dtype.bytes();
  }

  /** Row numbers [N], each of a table of {@code tableRows}. */
  static int[] rowNumbers(String operation, Tensor rows, int tableRows) {
    integers(operation, "rows", rows);
    rank(operation, "rows", rows, 1);
    return inside(operation, CudaMemory.integers(rows), tableRows);
  }

  /** Fails with the first entry that is not a row of the table. */
  static int[] inside(String operation, int[] rows, int tableRows) {
    for (int i = 0; i < rows.length; i++) {
      require(
          rows[i] >= 0 && rows[i] < tableRows,
          operation,
          "row %d at position %d is outside the table of %d rows",
          rows[i],
          i,
          tableRows);
    }
    return rows;
  }

  /** Offsets [B + 1] that rise from 0 to {@code total}. */
  static int[] offsets(String operation, Tensor cuSeqlens, int total, String what) {
    integers(operation, "cuSeqlens", cuSeqlens);
    rank(operation, "cuSeqlens", cuSeqlens, 1);
    require(cuSeqlens.elements() > 0, operation, "cuSeqlens must be [B + 1], got %s", cuSeqlens);
    int[] offsets = CudaMemory.integers(cuSeqlens);
    Arguments.offsets(operation, offsets, offsets.length - 1, total, what);
    return offsets;
  }
}
