package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;

/**
 * A provider of matrix products: {@code c = alpha op(a) op(b) + beta c}, all row-major and packed.
 */
interface MatrixProduct {

  /** For run records, as in {@code java}. */
  String name();

  /**
   * One product; m and n are at least 1, k may be 0.
   *
   * @param operands addresses of a [M, K] or, if transposed, [K, M]; b [K, N] or [N, K]; c [M, N],
   *     which is not read if {@code beta == 0}
   */
  void multiply(DType dtype, Size size, Factors factors, Operands operands, Scratch scratch);

  /** Extents and layouts. */
  record Size(int m, int n, int k, boolean transposeA, boolean transposeB) {}

  /** The two scalars. */
  record Factors(double alpha, double beta) {}

  /** The three addresses. */
  record Operands(long a, long b, long c) {}
}
