package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.cuda.EmulatedGpu;

class CudaReductionKernelsTest extends ReductionKernelsTest {

  @Override
  Backend openBackend() {
    return EmulatedGpu.backend();
  }
}
