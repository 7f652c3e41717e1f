package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.MatrixKernels;
import io.batchwright.tensor.Tensor;

/** {@link MatrixKernels}: checks, then the provider's product. */
final class CudaMatrices implements MatrixKernels {
  private final CudaDevice device;
  private final Products products;

  CudaMatrices(CudaDevice device, Products products) {
    this.device = device;
    this.products = products;
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
    if (m > 0 && n > 0) {
      products.multiply(
          new Products.Product(
              out.dtype(),
              m,
              n,
              k,
              transposeA,
              transposeB,
              alpha,
              beta,
              CudaMemory.addressOf(a),
              CudaMemory.addressOf(b),
              CudaMemory.addressOf(out)));
    }
  }

  @Override
  public void transpose(Tensor in, Tensor out) {
    require(in.dtype() == out.dtype(), "transpose", "out must be %s, got %s", in.dtype(), out);
    rank("transpose", "in", in, 2);
    int rows = in.shape().dim(0);
    int columns = in.shape().dim(1);
    shape("transpose", "out", out, columns, rows);
    if (in.elements() > 0) {
      CudaMemory.written(out);
      long squares = Launch.blocks(rows, 32) * Launch.blocks(columns, 32);
      device.launch(
          Launch.of(Checks.sized("transpose", in.dtype()), squares, 1, 256, 0)
              .tensor(in)
              .tensor(out)
              .number(rows)
              .number(columns));
    }
  }
}
