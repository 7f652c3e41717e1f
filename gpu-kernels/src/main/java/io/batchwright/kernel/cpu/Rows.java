package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/** Whole rows of a matrix, of any width, as doubles or floats. */
final class Rows {

  private Rows() {}

  static long address(Tensor matrix, long row) {
    return CpuMemory.addressOf(matrix) + row * matrix.shape().columns() * matrix.dtype().bytes();
  }

  static void get(Tensor matrix, long row, double[] to, Scratch scratch) {
    int width = matrix.shape().columns();
    long address = address(matrix, row);
    if (matrix.dtype() == DType.F64) {
      OffHeap.get(address, to, width);
      return;
    }
    float[] floats = scratch.floatRow(Slots.ROW, width);
    OffHeap.get(address, floats, width);
    for (int i = 0; i < width; i++) {
      to[i] = floats[i];
    }
  }

  static void put(double[] from, Tensor matrix, long row, Scratch scratch) {
    int width = matrix.shape().columns();
    long address = address(matrix, row);
    if (matrix.dtype() == DType.F64) {
      OffHeap.put(from, address, width);
      return;
    }
    float[] floats = scratch.floatRow(Slots.ROW, width);
    for (int i = 0; i < width; i++) {
      floats[i] = (float) from[i];
    }
    OffHeap.put(floats, address, width);
  }
}
