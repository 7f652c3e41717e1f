package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.cuda.EmulatedGpu;

class CudaSearchKernelsTest extends SearchKernelsTest {

  @Override
  Backend openBackend() {
    return EmulatedGpu.backend();
  }
}
