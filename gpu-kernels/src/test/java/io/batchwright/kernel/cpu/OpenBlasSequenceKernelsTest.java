package io.batchwright.kernel.cpu;

class OpenBlasSequenceKernelsTest extends SequenceKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
