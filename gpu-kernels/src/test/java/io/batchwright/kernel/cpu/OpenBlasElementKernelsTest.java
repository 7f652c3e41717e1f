package io.batchwright.kernel.cpu;

class OpenBlasElementKernelsTest extends ElementKernelsTest {

  @Override
  String provider() {
    return "openblas";
  }
}
