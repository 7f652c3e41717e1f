package io.batchwright.kernel.cpu;

class OpenBlasReductionKernelsTest extends ReductionKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
