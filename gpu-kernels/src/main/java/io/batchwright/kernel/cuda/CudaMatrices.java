package io.batchwright.kernel.cuda;

import io.batchwright.kernel.MatrixKernels;
import io.batchwright.kernel.ProductShape;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/** {@link MatrixKernels} by a provider of products. */
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
    multiply(a, transposeA, b, transposeB, alpha, beta, Products.Epilogue.NONE, out);
  }

  @Override
  public void linear(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    layer(x, weight, new Products.Epilogue(CudaMemory.addressOf(bias), 0, 0), out);
  }

  @Override
  public void linearGelu(Tensor x, Tensor weight, Tensor bias, Tensor before, Tensor out) {
    layer(
        x,
        weight,
        new Products.Epilogue(CudaMemory.addressOf(bias), 0, CudaMemory.addressOf(before)),
        out);
  }

  @Override
  public void linearAdd(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out) {
    layer(
        x,
        weight,
        new Products.Epilogue(CudaMemory.addressOf(bias), CudaMemory.addressOf(residual), 0),
        out);
  }

  private void layer(Tensor x, Tensor weight, Products.Epilogue epilogue, Tensor out) {
    multiply(x, false, weight, true, 1, 0, epilogue, out);
  }

  private void multiply(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Products.Epilogue epilogue,
      Tensor out) {
    ProductShape of = ProductShape.of(a, transposeA, b, transposeB);
    products.multiply(
        new Products.Product(
            out.dtype(),
            of.m(),
            of.n(),
            of.k(),
            transposeA,
            transposeB,
            alpha,
            beta,
            a.dtype() == DType.BF16,
            b.dtype() == DType.BF16,
            CudaMemory.addressOf(a),
            CudaMemory.addressOf(b),
            CudaMemory.addressOf(out),
            epilogue));
  }

  @Override
  public void transpose(Tensor in, Tensor out) {
    int rows = in.shape().dim(0);
    int columns = in.shape().dim(1);
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
