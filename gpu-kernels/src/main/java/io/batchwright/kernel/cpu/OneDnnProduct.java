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

  private final MatrixProduct others;
  private final String name;
  private volatile int threads = 1;

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
  public void threads(int number) {
    threads = number;
    others.threads(number);
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    if (dtype != DType.F32 || size.k() == 0 || isSmall(size)) {
      others.multiply(dtype, size, factors, operands, scratch);
      return;
    }
    OneDnn.allowThreads(threads);
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
