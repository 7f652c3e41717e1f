package io.batchwright.kernel.cpu;

class OneDnnSequenceKernelsTest extends SequenceKernelsTest {

  @Override
  String provider() {
    return "onednn";
  }
}
