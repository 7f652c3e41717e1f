package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.JoinedKernels;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;

/**
 * One NVIDIA GPU as a {@link Backend}: joins the seven groups of kernels. Calls return before the
 * device has run them; whatever reads a tensor waits. Kernels of all backends of a device run one
 * after the other.
 */
public final class CudaBackend extends JoinedKernels {
  private final CudaDevice cuda;
  private final CudaMemory memory;
  private final Products products;
  private final String provider;
  private final DType activations;
  private final boolean repeats;

  CudaBackend(CudaDevice cuda, Products products) {
    this(cuda, products, false);
  }

  /**
   * A backend on a device.
   *
   * @param repeats whether batches are to be filled up, for launches that come again
   */
  private CudaBackend(CudaDevice cuda, Products products, boolean repeats) {
    super(
        new CudaElements(cuda),
        new CudaReductions(cuda),
        new CudaMatrices(cuda, products),
        new CudaRows(cuda),
        new CudaAttention(cuda, new CudaElements(cuda), products.precision()),
        new CudaNorms(cuda),
        new CudaSearch(cuda),
        new CudaUpdates(cuda));
    this.cuda = cuda;
    this.memory = new CudaMemory(cuda);
    this.products = products;
    this.activations = products.precision() == Precision.BF16 ? DType.BF16 : DType.F32;
    this.repeats = repeats;
    String compiler = cuda.compiler();
    this.provider =
        "cuda on "
            + cuda.properties()
            + (compiler.isEmpty() ? "" : ", kernels by " + compiler)
            + ", products "
            + products.name()
            + (repeats ? ", batches filled up" : "");
  }

  /** The same, to which batches are filled up. */
  CudaBackend repeating() {
    return new CudaBackend(cuda, products, true);
  }

  /** The device that it is on, which other backends may be on too. */
  CudaDevice cuda() {
    return cuda;
  }

  @Override
  public String provider() {
    return provider;
  }

  @Override
  public boolean prefersRepetition() {
    return repeats;
  }

  @Override
  public String choices() {
    return products.choices();
  }

  @Override
  public Backend choosing(String choices) {
    return choices.isEmpty() || choices.equals(choices())
        ? this
        : ProductProvider.by(choices, cuda, products.precision())
            .map(found -> new CudaBackend(cuda, found, repeats))
            .orElse(this);
  }

  @Override
  public DType activations() {
    return activations;
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
