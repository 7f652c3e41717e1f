package io.batchwright.kernel;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;

/**
 * One device and the kernels that run on it. Tensors of one backend are not arguments of another's
 * operations. An instance may be shared by threads; each arena belongs to one of them.
 */
public interface Backend
    extends ElementKernels,
        ReductionKernels,
        MatrixKernels,
        RowKernels,
        SequenceKernels,
        NormKernels,
        SearchKernels,
        UpdateKernels,
        AutoCloseable {

  /**
   * What does the work, for run records and determinism keys: {@code java}, or the library, its
   * version and the processor that it chose its kernels by.
   */
  String provider();

  /**
   * What this backend chose by measurement among ways that differ in their last bits, as text;
   * empty where there was nothing to choose. Ranks that train together take one rank's.
   */
  default String choices() {
    return "";
  }

  /**
   * A backend on the same device that chooses as another process did; as before where this host
   * cannot, which {@link #provider} shows.
   *
   * @param choices {@link #choices} of a backend of the same precision
   */
  default Backend choosing(String choices) {
    return this;
  }

  /** The device in a word, as in {@code cpu}. */
  String device();

  /**
   * In what type F32 models keep the results of their layers here: F32, or BF16 where products
   * round to it anyway and that saves time. Parameters, their gradients and losses stay F32.
   */
  default DType activations() {
    return DType.F32;
  }

  /**
   * Whether steps are faster here where they repeat: the same shapes at the same places in memory.
   * Batches are then filled up and {@link Arena#keepPlaces arenas keep places}; {@link #provider}
   * says so, since sums over more rows may differ in their last bits.
   */
  default boolean prefersRepetition() {
    return false;
  }

  /** A root arena without a limit of its own. */
  default Arena arena(String label) {
    return arena(label, Long.MAX_VALUE);
  }

  /** A root arena in this backend's memory that may reserve at most {@code maxBytes}. */
  Arena arena(String label, long maxBytes);

  /** Gives back what the backend itself holds; arenas are closed by who opened them. */
  @Override
  void close();
}
