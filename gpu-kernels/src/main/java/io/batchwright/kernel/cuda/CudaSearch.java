package io.batchwright.kernel.cuda;

import io.batchwright.kernel.SearchKernels;
import io.batchwright.tensor.Tensor;

/** {@link SearchKernels} by {@code search.cu}. */
final class CudaSearch implements SearchKernels {
  private static final int THREADS = 256;
  private static final int AT_ONCE = 4 * THREADS;

  private final CudaDevice device;

  CudaSearch(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void keepBest(Tensor scores, int columns, int first, Tensor best, Tensor ordinals) {
    int rows = best.shape().dim(0);
    int k = best.shape().dim(1);
    int room = Integer.highestOneBit(2 * (k + AT_ONCE) - 1);
    CudaMemory.written(ordinals);
    if (rows > 0 && columns > 0) {
      device.launch(
          Launch.of("keep_best", rows, 1, THREADS, 8 * room)
              .tensor(scores)
              .number(scores.shape().dim(1))
              .whole(columns)
              .whole(first)
              .tensor(best)
              .tensor(ordinals)
              .whole(k)
              .whole(room));
    }
  }
}
