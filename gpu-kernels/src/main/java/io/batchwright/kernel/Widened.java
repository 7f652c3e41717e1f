package io.batchwright.kernel;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * F32 copies of tensors of BF16, for an operation that knows only F32: the arguments are widened,
 * and when it closes the results are rounded, once. Tensors of another type are passed through.
 */
public final class Widened implements AutoCloseable {
  private final ElementKernels kernels;
  private final Arena arena;
  private final Map<Tensor, Tensor> results = new LinkedHashMap<>();

  /**
   * Nothing widened yet.
   *
   * @param kernels cast
   * @param arena of the copies
   */
  public Widened(ElementKernels kernels, Arena arena) {
    this.kernels = kernels;
    this.arena = arena;
  }

  /** Whether one of the tensors is of BF16. */
  public static boolean needed(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.dtype() == DType.BF16) {
        return true;
      }
    }
    return false;
  }

  /** What is read. */
  public Tensor in(Tensor tensor) {
    if (tensor.dtype() != DType.BF16) {
      return tensor;
    }
    Tensor wide = arena.allocate(tensor.label(), DType.F32, tensor.shape());
    kernels.cast(tensor, wide);
    return wide;
  }

  /** A factor that is read rounded to BF16, whatever its type. */
  public Tensor rounded(Tensor tensor) {
    if (tensor.dtype() == DType.BF16) {
      return in(tensor);
    }
    Tensor low = arena.allocate(tensor.label(), DType.BF16, tensor.shape());
    kernels.cast(tensor, low);
    return in(low);
  }

  /** What is written, and may be read before. */
  public Tensor out(Tensor tensor) {
    Tensor wide = in(tensor);
    if (wide != tensor) {
      results.put(tensor, wide);
    }
    return wide;
  }

  /** Rounds the results. */
  @Override
  public void close() {
    results.forEach((tensor, wide) -> kernels.cast(wide, tensor));
  }
}
