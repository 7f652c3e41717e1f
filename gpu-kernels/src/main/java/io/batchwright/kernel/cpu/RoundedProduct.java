package io.batchwright.kernel.cpu;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;

/**
 * A provider that float32 factors reach rounded to bf16, by copies: for processors without
 * instructions for it. It multiplies them in float32, exactly, and adds as the provider does.
 */
final class RoundedProduct implements MatrixProduct {
  private final MatrixProduct product;
  private final CpuMemory memory = new CpuMemory();

  RoundedProduct(MatrixProduct product) {
    this.product = product;
  }

  @Override
  public String name() {
    return product.name() + ", bf16";
  }

  /** What multiplies the rounded factors. */
  MatrixProduct inner() {
    return product;
  }

  @Override
  public boolean sameInParts() {
    return product.sameInParts();
  }

  @Override
  public MatrixProduct rounding() {
    return this;
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    if (dtype != DType.F32 || size.k() == 0) {
      product.multiply(dtype, size, factors, operands, scratch);
      return;
    }
    try (Arena copies = new Arena("rounded factors", memory, Long.MAX_VALUE)) {
      long a =
          size.transposeA()
              ? copy(operands.a(), operands.strideA(), size.k(), size.m(), copies, scratch)
              : copy(operands.a(), operands.strideA(), size.m(), size.k(), copies, scratch);
      long b =
          size.transposeB()
              ? copy(operands.b(), operands.strideB(), size.n(), size.k(), copies, scratch)
              : copy(operands.b(), operands.strideB(), size.k(), size.n(), copies, scratch);
      Operands packed = Operands.packed(a, b, operands.c(), size);
      product.multiply(
          dtype,
          size,
          factors,
          new Operands(a, packed.strideA(), b, packed.strideB(), operands.c(), operands.strideC()),
          scratch);
    }
  }

  /** Rows without gaps, of rounded values. */
  private static long copy(
      long from, int stride, int rows, int length, Arena copies, Scratch scratch) {
    long to = CpuMemory.addressOf(copies.allocate("factor", DType.F32, rows, length));
    if (stride == length) {
      Bf16.round(from, to, (long) rows * length, scratch);
      return to;
    }
    for (int r = 0; r < rows; r++) {
      Bf16.round(from + 4L * r * stride, to + 4L * r * length, length, scratch);
    }
    return to;
  }
}
