package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;

/** A provider of matrix products on the device. */
interface Products {

  /** What does the work, as in {@code float32} or {@code cublas 12.4, bf16}. */
  String name();

  /** In what precision it takes factors of F32. */
  Precision precision();

  /** Hands a product over; m and n are at least 1. */
  void multiply(Product product);

  /**
   * {@code c = alpha op(a) op(b) + beta c + bias}, all row-major and without gaps.
   *
   * @param a address of [M, K], or [K, M] if {@code transposeA}
   * @param b address of [K, N], or [N, K] if {@code transposeB}
   * @param c address of [M, N]; not read if {@code beta == 0}
   * @param bias address of [N], added to each row; 0 for none
   */
  record Product(
      DType dtype,
      int m,
      int n,
      int k,
      boolean transposeA,
      boolean transposeB,
      double alpha,
      double beta,
      long a,
      long b,
      long c,
      long bias) {}
}
