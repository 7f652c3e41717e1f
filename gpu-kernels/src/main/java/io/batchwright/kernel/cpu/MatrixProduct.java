package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;

/** A provider of matrix products: {@code c = alpha op(a) op(b) + beta c}, all row-major. */
interface MatrixProduct {
  /** Rows and columns that kernels of libraries take together: of 8, 16 and 48. */
  int PART = 48;

  /** For run records, as in {@code java}. */
  String name();

  /** Rows of a result that a part of it should be of, or of several times as many. */
  default int rowsOfPart(Size size) {
    return PART;
  }

  /** The same for columns. */
  default int columnsOfPart(Size size) {
    return PART;
  }

  /** Whether a part of a result has the bits of the whole, however it is cut. */
  default boolean sameInParts() {
    return false;
  }

  /**
   * The same provider with the factors of float32 products rounded to bf16, ties to even, and sums
   * in float32.
   */
  default MatrixProduct rounding() {
    return new RoundedProduct(this);
  }

  /**
   * One product; m and n are at least 1, k may be 0.
   *
   * @param operands where a [M, K] or, if transposed, [K, M]; b [K, N] or [N, K]; c [M, N] lie; c
   *     is not read if {@code beta == 0}
   */
  void multiply(DType dtype, Size size, Factors factors, Operands operands, Scratch scratch);

  /** Extents and layouts. */
  record Size(int m, int n, int k, boolean transposeA, boolean transposeB) {}

  /** The two scalars. */
  record Factors(double alpha, double beta) {}

  /**
   * Three matrices as they lie in memory.
   *
   * @param a an address
   * @param strideA elements from one stored row to the next, at least the length of a stored row
   */
  record Operands(long a, int strideA, long b, int strideB, long c, int strideC) {
    /** Rows that follow each other without a gap. */
    static Operands packed(long a, long b, long c, Size size) {
      return new Operands(
          a,
          Math.max(1, size.transposeA() ? size.m() : size.k()),
          b,
          Math.max(1, size.transposeB() ? size.k() : size.n()),
          c,
          size.n());
    }

    /** Float32 matrices from these stored rows on. */
    Operands fromRows(long rowA, long rowB, long rowC) {
      return new Operands(
          a + Float.BYTES * rowA * strideA,
          strideA,
          b + Float.BYTES * rowB * strideB,
          strideB,
          c + Float.BYTES * rowC * strideC,
          strideC);
    }
  }
}
