package io.batchwright.kernel.cpu;

class OpenBlasRowKernelsTest extends RowKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
