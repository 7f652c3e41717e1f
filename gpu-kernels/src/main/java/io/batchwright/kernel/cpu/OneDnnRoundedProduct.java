package io.batchwright.kernel.cpu;

import io.batchwright.kernel.cpu.OneDnnMatmul.Form;
import io.batchwright.tensor.DType;

/**
 * {@link OneDnnProduct} with float32 factors that the processor's instructions for bf16 round and
 * multiply; sums are float32.
 *
 * <p>oneDNN generates kernels for each form of a product, which takes it about five milliseconds
 * and a megabyte, and batches differ in their number of tokens. So tokens, rows of the left factor
 * or, of {@code a^T b}, rows of both, come in pieces of a few heights; the last piece is copied
 * beside rows that do not matter or are zero.
 */
final class OneDnnRoundedProduct implements MatrixProduct {
  private static final int MOST = 256;
  private static final int[] HEIGHTS = {16, 64, MOST};

  /** Elements of a copy, at most: where rows are longer, kernels are worth their generation. */
  private static final long ROOM = 1 << 22;

  private final MatrixProduct exact;
  private final MatrixProduct copies;

  OneDnnRoundedProduct(OneDnnProduct exact) {
    this.exact = exact;
    this.copies = new RoundedProduct(exact);
  }

  @Override
  public String name() {
    return exact.name() + ", bf16 by " + OneDnn.bf16();
  }

  /** The pieces that there would be without parts, where they are of rows. */
  @Override
  public int rowsOfPart(Size size) {
    return size.transposeA() ? PART : MOST;
  }

  @Override
  public MatrixProduct rounding() {
    return this;
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    if (dtype != DType.F32 || size.k() == 0 || size.transposeA() && size.transposeB()) {
      copies.multiply(dtype, size, factors, operands, scratch);
      return;
    }
    int whole = size.transposeA() ? size.k() : size.m();
    for (int from = 0; from < whole; from += MOST) {
      int rows = Math.min(MOST, whole - from);
      if (size.transposeA()) {
        Factors of = from == 0 ? factors : new Factors(factors.alpha(), 1);
        piece(resized(size, rows), of, operands.fromRows(from, from, 0), scratch);
      } else {
        piece(resized(size, rows), factors, operands.fromRows(from, 0, from), scratch);
      }
    }
  }

  private void piece(Size size, Factors factors, Operands operands, Scratch scratch) {
    int rows = size.transposeA() ? size.k() : size.m();
    int height = height(size, rows);
    Size padded = resized(size, height);
    Operands at = height == rows ? operands : room(padded, operands, scratch);
    OneDnn.allowOneThread();
    OneDnnMatmuls matmuls = OneDnnMatmuls.ofThisThread();
    OneDnnMatmul matmul =
        matmuls.of(new Form(padded, factors, at.strideA(), at.strideB(), at.strideC(), true));
    if (!matmul.rounds()) { // what is too small for its tiles
      copies.multiply(DType.F32, size, factors, operands, scratch);
      return;
    }
    if (height > rows) {
      fill(size, factors, operands, at, height);
    }
    int work = (int) ((matmul.scratchBytes() + Float.BYTES - 1) / Float.BYTES);
    matmul.run(matmuls.stream(), at, scratch.directRow(Slots.DIRECT_WORK, work));
    if (height > rows && !size.transposeA()) {
      copy(at.c(), at.strideC(), operands.c(), operands.strideC(), rows, size.n());
    }
  }

  /** With so many tokens. */
  private static Size resized(Size size, int rows) {
    return size.transposeA()
        ? new Size(size.m(), size.n(), rows, true, false)
        : new Size(rows, size.n(), size.k(), false, size.transposeB());
  }

  private static int height(Size size, int rows) {
    int i = 0;
    while (HEIGHTS[i] < rows) {
      i++;
    }
    long longest = Math.max(size.n(), size.transposeA() ? size.m() : size.k());
    return HEIGHTS[i] * longest > ROOM ? rows : HEIGHTS[i];
  }

  /** Scratch memory for what has a row for each token; the third matrix stays where it is. */
  private static Operands room(Size padded, Operands operands, Scratch scratch) {
    if (padded.transposeA()) {
      return new Operands(
          scratch.directRow(Slots.DIRECT_LEFT, padded.k() * padded.m()),
          padded.m(),
          scratch.directRow(Slots.DIRECT_OTHER, padded.k() * padded.n()),
          padded.n(),
          operands.c(),
          operands.strideC());
    }
    return new Operands(
        scratch.directRow(Slots.DIRECT_LEFT, padded.m() * padded.k()),
        padded.k(),
        operands.b(),
        operands.strideB(),
        scratch.directRow(Slots.DIRECT_OTHER, padded.m() * padded.n()),
        padded.n());
  }

  /** Copies rows there; those behind are zero where the product is a sum over them. */
  private static void fill(Size size, Factors factors, Operands from, Operands to, int height) {
    if (size.transposeA()) {
      copy(from.a(), from.strideA(), to.a(), to.strideA(), size.k(), size.m());
      copy(from.b(), from.strideB(), to.b(), to.strideB(), size.k(), size.n());
      long rest = height - size.k();
      OffHeap.zero(to.fromRows(size.k(), 0, 0).a(), Float.BYTES * rest * size.m());
      OffHeap.zero(to.fromRows(0, size.k(), 0).b(), Float.BYTES * rest * size.n());
      return;
    }
    copy(from.a(), from.strideA(), to.a(), to.strideA(), size.m(), size.k());
    if (factors.beta() != 0) {
      copy(from.c(), from.strideC(), to.c(), to.strideC(), size.m(), size.n());
    }
  }

  private static void copy(
      long from, long fromStride, long to, long toStride, int rows, int length) {
    for (int r = 0; r < rows; r++) {
      OffHeap.copy(
          from + Float.BYTES * r * fromStride,
          to + Float.BYTES * r * toStride,
          (long) Float.BYTES * length);
    }
  }
}
