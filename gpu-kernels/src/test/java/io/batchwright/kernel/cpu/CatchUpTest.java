package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Moments;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A catch-up comes before every forward pass, so its cost must not grow with the run. */
class CatchUpTest {
  private static final int STEPS = 100_000;

  @Test
  void takesHeapForTheMissedStepsOnly() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    double[] rates = new double[STEPS];
    Arrays.fill(rates, 1e-4);
    AdamWRule rule = new AdamWRule(0.9, 0.999, 1e-8, 0.01);
    try (CpuBackend backend = CpuBackend.withDefaultProvider(Precision.FLOAT32, 1);
        Arena arena = backend.arena("test")) {
      Tensor table = arena.zeros("table", DType.F32, 3, 8);
      Tensor lastStep = arena.ints("last steps", new int[] {STEPS - 2, STEPS - 6, 0}, 3);
      Moments moments =
          new Moments(
              arena.zeros("first", DType.F32, 3, 8),
              arena.zeros("second", DType.F32, 3, 8),
              lastStep);
      Tensor rows = arena.ints("rows", new int[] {0, 1}, 2);
      backend.adamWCatchUp(table, rows, moments, rule, rates, STEPS - 1);
      long before = threads.getThreadAllocatedBytes(self);
      backend.adamWCatchUp(table, rows, moments, rule, rates, STEPS);
      assertThat(threads.getThreadAllocatedBytes(self) - before).isLessThan(STEPS / 10);
      assertThat(lastStep.toInts()).containsExactly(STEPS, STEPS, 0);
    }
  }
}
