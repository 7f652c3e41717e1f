package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.MatrixKernels;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.function.Supplier;

/** {@link MatrixKernels}: checks, then the provider's product. */
final class CpuMatrices implements MatrixKernels {
  private static final int SQUARE = 16;

  private final MatrixProduct product;
  private final Supplier<Scratch> scratches;

  CpuMatrices(MatrixProduct product, Supplier<Scratch> scratches) {
    this.product = product;
    this.scratches = scratches;
  }

  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {
    sameFloating("matmul", a, b, out);
    rank("matmul", "a", a, 2);
    rank("matmul", "b", b, 2);
    int m = a.shape().dim(transposeA ? 1 : 0);
    int k = a.shape().dim(transposeA ? 0 : 1);
    int n = b.shape().dim(transposeB ? 0 : 1);
    require(
        b.shape().dim(transposeB ? 1 : 0) == k,
        "matmul",
        "inner dims differ: %s%s times %s%s",
        a,
        transposeA ? " transposed" : "",
        b,
        transposeB ? " transposed" : "");
    shape("matmul", "out", out, m, n);
    if (m == 0 || n == 0) {
      return;
    }
    MatrixProduct.Size size = new MatrixProduct.Size(m, n, k, transposeA, transposeB);
    product.multiply(
        out.dtype(),
        size,
        new MatrixProduct.Factors(alpha, beta),
        MatrixProduct.Operands.packed(
            CpuMemory.addressOf(a), CpuMemory.addressOf(b), CpuMemory.addressOf(out), size),
        scratches.get());
  }

  @Override
  public void transpose(Tensor in, Tensor out) {
    require(in.dtype() == out.dtype(), "transpose", "out must be %s, got %s", in.dtype(), out);
    rank("transpose", "in", in, 2);
    Shape shape = in.shape();
    shape("transpose", "out", out, shape.dim(1), shape.dim(0));
    for (int i0 = 0; i0 < shape.dim(0); i0 += SQUARE) {
      for (int j0 = 0; j0 < shape.dim(1); j0 += SQUARE) {
        transposeSquare(in, out, i0, j0);
      }
    }
  }

  private static void transposeSquare(Tensor in, Tensor out, int i0, int j0) {
    int rows = in.shape().dim(0);
    int columns = in.shape().dim(1);
    int bytes = in.dtype().bytes();
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    for (int i = i0; i < Math.min(i0 + SQUARE, rows); i++) {
      for (int j = j0; j < Math.min(j0 + SQUARE, columns); j++) {
        long source = from + ((long) i * columns + j) * bytes;
        long target = to + ((long) j * rows + i) * bytes;
        switch (bytes) {
          case 2 -> OffHeap.putShort(target, OffHeap.shortAt(source));
          case 4 -> OffHeap.putInt(target, OffHeap.intAt(source));
          default -> OffHeap.putDouble(target, OffHeap.doubleAt(source));
        }
      }
    }
  }
}
