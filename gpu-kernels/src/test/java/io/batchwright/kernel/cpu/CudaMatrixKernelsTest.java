package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.cuda.EmulatedGpu;

class CudaMatrixKernelsTest extends MatrixKernelsTest {

  @Override
  Backend openBackend() {
    return EmulatedGpu.backend();
  }
}
