package io.batchwright.kernel.cpu;

import io.batchwright.kernel.ElementKernels;
import io.batchwright.kernel.MatrixKernels;
import io.batchwright.kernel.ProductShape;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;

/** {@link MatrixKernels} by a provider of products. */
final class CpuMatrices implements MatrixKernels {
  private static final int SQUARE = 64;

  /** Floats of a result that two passes go over: the second finds them in the nearest cache. */
  private static final int PANEL = 4096;

  private final MatrixProduct product;
  private final ElementKernels elements;
  private final Workers workers;

  CpuMatrices(MatrixProduct product, ElementKernels elements, Workers workers) {
    this.product = product;
    this.elements = elements;
    this.workers = workers;
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
    ProductShape of = ProductShape.of(a, transposeA, b, transposeB);
    MatrixProduct.Size size =
        new MatrixProduct.Size(of.m(), of.n(), of.k(), transposeA, transposeB);
    product.multiply(
        out.dtype(),
        size,
        new MatrixProduct.Factors(alpha, beta),
        MatrixProduct.Operands.packed(
            CpuMemory.addressOf(a), CpuMemory.addressOf(b), CpuMemory.addressOf(out), size),
        workers.scratch());
  }

  @Override
  public void linear(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    matmul(x, false, weight, true, 1, 0, out);
    elements.add(out, bias, out);
  }

  @Override
  public void linearGelu(Tensor x, Tensor weight, Tensor bias, Tensor before, Tensor out) {
    matmul(x, false, weight, true, 1, 0, before);
    if (out.dtype() != DType.F32) {
      elements.add(before, bias, before);
      elements.gelu(before, out);
      return;
    }
    long row = CpuMemory.addressOf(bias);
    int width = out.shape().dim(1);
    int some = Math.max(1, PANEL / width);
    workers.rows(
        out.shape().dim(0),
        some,
        width,
        (from, to) -> biasGelu(before, row, out, some, (int) from, (int) to));
  }

  private void biasGelu(Tensor before, long row, Tensor out, int some, int top, int end) {
    StreamLoops loops = workers.scratch().streams;
    int width = out.shape().dim(1);
    for (int from = top; from < end; from += some) {
      int count = Math.min(some, end - from);
      long panel = Rows.address(before, from);
      loops.addRow(panel, row, panel, count, width);
      loops.gelu(panel, Rows.address(out, from), (long) count * width);
    }
  }

  @Override
  public void linearAdd(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out) {
    matmul(x, false, weight, true, 1, 0, out);
    if (out.dtype() != DType.F32) {
      elements.add(out, bias, out);
      elements.add(out, residual, out);
      return;
    }
    long row = CpuMemory.addressOf(bias);
    int width = out.shape().dim(1);
    workers.rows(
        out.shape().dim(0),
        width,
        (from, to) -> {
          long at = Rows.address(out, from);
          workers
              .scratch()
              .streams
              .addRowAnd(at, row, Rows.address(residual, from), at, (int) (to - from), width);
        });
  }

  @Override
  public void transpose(Tensor in, Tensor out) {
    Shape shape = in.shape();
    workers.rows(
        shape.dim(0),
        SQUARE,
        shape.dim(1),
        (from, to) -> {
          for (int i0 = (int) from; i0 < to; i0 += SQUARE) {
            for (int j0 = 0; j0 < shape.dim(1); j0 += SQUARE) {
              transposeSquare(in, out, i0, j0);
            }
          }
        });
  }

  private void transposeSquare(Tensor in, Tensor out, int i0, int j0) {
    int rows = in.shape().dim(0);
    int columns = in.shape().dim(1);
    int bytes = in.dtype().bytes();
    int height = Math.min(SQUARE, rows - i0);
    int width = Math.min(SQUARE, columns - j0);
    long from = CpuMemory.addressOf(in) + ((long) i0 * columns + j0) * bytes;
    long to = CpuMemory.addressOf(out) + ((long) j0 * rows + i0) * bytes;
    if (bytes == 4) {
      transposeInts(from, columns, to, rows, height, width);
      return;
    }
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        long source = from + ((long) i * columns + j) * bytes;
        long target = to + ((long) j * rows + i) * bytes;
        if (bytes == 2) {
          OffHeap.putShort(target, OffHeap.shortAt(source));
        } else {
          OffHeap.putDouble(target, OffHeap.doubleAt(source));
        }
      }
    }
  }

  /** Whole rows go to and from arrays, so that memory is read and written in lines. */
  private void transposeInts(
      long from, int fromStride, long to, int toStride, int height, int width) {
    Scratch scratch = workers.scratch();
    int[] square = scratch.intRow(Slots.SQUARE, SQUARE * SQUARE);
    int[] row = scratch.ints0;
    for (int i = 0; i < height; i++) {
      OffHeap.get(from + 4L * i * fromStride, row, width);
      for (int j = 0; j < width; j++) {
        square[j * SQUARE + i] = row[j];
      }
    }
    for (int j = 0; j < width; j++) {
      System.arraycopy(square, j * SQUARE, row, 0, height);
      OffHeap.put(row, to + 4L * j * toStride, height);
    }
  }
}
