package io.batchwright.kernel.cpu;

class OpenBlasUpdateKernelsTest extends UpdateKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
