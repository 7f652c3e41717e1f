package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/** Lion's direction and momentum over tiles: both are read and written once. */
final class LionLoops {

  private LionLoops() {}

  /** Elements from {@code from} to before {@code to}. */
  static void update(
      Tensor gradient,
      Tensor momentum,
      double beta1,
      double beta2,
      long from,
      long to,
      Scratch scratch) {
    long g = CpuMemory.addressOf(gradient);
    long m = CpuMemory.addressOf(momentum);
    for (long done = from; done < to; done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, to - done);
      if (gradient.dtype() == DType.F32) {
        OffHeap.get(g + 4 * done, scratch.floats0, count);
        OffHeap.get(m + 4 * done, scratch.floats1, count);
        update(scratch.floats0, scratch.floats1, count, beta1, beta2);
        OffHeap.put(scratch.floats0, g + 4 * done, count);
        OffHeap.put(scratch.floats1, m + 4 * done, count);
      } else {
        OffHeap.get(g + 8 * done, scratch.doubles0, count);
        OffHeap.get(m + 8 * done, scratch.doubles1, count);
        update(scratch.doubles0, scratch.doubles1, count, beta1, beta2);
        OffHeap.put(scratch.doubles0, g + 8 * done, count);
        OffHeap.put(scratch.doubles1, m + 8 * done, count);
      }
    }
  }

  private static void update(float[] g, float[] m, int count, double beta1, double beta2) {
    float share1 = (float) beta1;
    float rest1 = (float) (1 - beta1);
    float share2 = (float) beta2;
    float rest2 = (float) (1 - beta2);
    for (int i = 0; i < count; i++) {
      float gradient = g[i];
      g[i] = share1 * m[i] + rest1 * gradient;
      m[i] = share2 * m[i] + rest2 * gradient;
    }
    FloatLoops.sign(g, g, count);
  }

  private static void update(double[] g, double[] m, int count, double beta1, double beta2) {
    for (int i = 0; i < count; i++) {
      double gradient = g[i];
      double mixed = beta1 * m[i] + (1 - beta1) * gradient;
      m[i] = beta2 * m[i] + (1 - beta2) * gradient;
      g[i] = Math.signum(mixed);
    }
  }
}
