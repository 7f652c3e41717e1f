package io.batchwright.kernel.cpu;

class OneDnnMatrixKernelsTest extends MatrixKernelsTest {

  @Override
  String provider() {
    return "onednn";
  }
}
