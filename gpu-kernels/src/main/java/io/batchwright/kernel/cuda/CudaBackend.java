package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.JoinedKernels;
import io.batchwright.tensor.Arena;

/**
 * One NVIDIA GPU as a {@link Backend}: joins the seven groups of kernels. Calls return before the
 * device has run them; whatever reads a tensor waits. Kernels of all backends of a device run one
 * after the other.
 */
public final class CudaBackend extends JoinedKernels {
  private final CudaDevice cuda;
  private final CudaMemory memory;
  private final String provider;

  CudaBackend(CudaDevice cuda, Products products) {
    super(
        new CudaElements(cuda),
        new CudaReductions(cuda),
        new CudaMatrices(cuda, products),
        new CudaRows(cuda),
        new CudaAttention(cuda, products.precision()),
        new CudaNorms(cuda),
        new CudaSearch(cuda),
        new CudaUpdates(cuda));
    this.cuda = cuda;
    this.memory = new CudaMemory(cuda);
    this.provider = "cuda on " + cuda.properties() + ", products " + products.name();
  }

  @Override
  public String provider() {
    return provider;
  }

  @Override
  public String device() {
    return memory.device();
  }

  @Override
  public Arena arena(String label, long maxBytes) {
    return new Arena(label, memory, maxBytes);
  }

  /** Waits for what was started; the device itself stays open for the next backend. */
  @Override
  public void close() {
    cuda.synchronize();
  }
}
