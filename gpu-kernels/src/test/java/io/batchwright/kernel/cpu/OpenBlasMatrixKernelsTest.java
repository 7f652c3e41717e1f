package io.batchwright.kernel.cpu;

class OpenBlasMatrixKernelsTest extends MatrixKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
