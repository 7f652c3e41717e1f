package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;

/**
 * Float32 products by oneDNN, whose kernels for Intel's processors take less time than OpenBLAS's
 * (docs/decisions/0017); another provider does the rest: double precision, and small products whose
 * right factor is not transposed, which OpenBLAS multiplies without packing.
 */
final class OneDnnProduct implements MatrixProduct {
  /** Multiplications of a small product, at most. */
  private static final long SMALL = 1 << 19;

  /** Rows of both factors that {@link #multiplyInPieces} takes at a time, at most. */
  private static final int DEPTH = 128;

  /** Elements of a result, at most, that is not too long to go over for each so many rows. */
  private static final long SHORT = 1 << 20;

  private final MatrixProduct others;
  private final String name;

  /**
   * Loads the library; a failure to do so is a {@link LinkageError}.
   *
   * @param others computes what oneDNN does not
   */
  OneDnnProduct(MatrixProduct others) {
    this.others = others;
    this.name = "onednn " + OneDnn.version() + " and " + others.name();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public MatrixProduct rounding() {
    return OneDnn.bf16().isEmpty() ? new RoundedProduct(this) : new OneDnnRoundedProduct(this);
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    if (dtype != DType.F32 || size.k() == 0 || isSmall(size)) {
      others.multiply(dtype, size, factors, operands, scratch);
      return;
    }
    OneDnn.allowOneThread();
    if (size.transposeA() && !size.transposeB()) {
      multiplyInPieces(size, factors, operands);
    } else {
      multiply(size, factors, operands);
    }
  }

  /**
   * {@code a^T b} as a sum over pieces of both, which takes up to a third less time than at once.
   * Where the pieces end follows from the size alone.
   */
  private static void multiplyInPieces(Size size, Factors factors, Operands operands) {
    int depth = (long) size.m() * size.n() <= SHORT ? DEPTH : 2 * DEPTH;
    int pieces = (size.k() - 1) / depth + 1;
    int from = 0;
    for (int i = 1; i <= pieces; i++) {
      int to = (int) ((long) size.k() * i / pieces);
      multiply(
          new Size(size.m(), size.n(), to - from, true, false),
          from == 0 ? factors : new Factors(factors.alpha(), 1),
          operands.fromRows(from, from, 0));
      from = to;
    }
  }

  private static void multiply(Size size, Factors factors, Operands operands) {
    int status =
        OneDnn.dnnl_sgemm(
            letter(size.transposeA()),
            letter(size.transposeB()),
            size.m(),
            size.n(),
            size.k(),
            (float) factors.alpha(),
            operands.a(),
            operands.strideA(),
            operands.b(),
            operands.strideB(),
            (float) factors.beta(),
            operands.c(),
            operands.strideC());
    if (status != 0) {
      throw new IllegalStateException("oneDNN failed with status %d: %s".formatted(status, size));
    }
  }

  private static boolean isSmall(Size size) {
    return !size.transposeB() && (long) size.m() * size.n() * size.k() <= SMALL;
  }

  private static byte letter(boolean transposed) {
    return (byte) (transposed ? 'T' : 'N');
  }
}
