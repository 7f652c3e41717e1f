package io.batchwright.jobs.bench.gpu;

import io.batchwright.jobs.bench.engine.OurStep;
import io.batchwright.jobs.bench.engine.StepShape;
import io.batchwright.jobs.bench.engine.StepWork;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelTimes;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Contrastive training steps of MiniLM-L6 and BERT-base at length 128: forward, loss, backward,
 * clipping, AdamW. All tokens are real, so padded and real tokens are the same number.
 *
 * @param backend on which
 * @param products what its products are called
 */
record GpuSteps(Backend backend, String products) {
  private static final int WARM_UP = 5;
  private static final int STEPS = 30;
  private static final int LOSSES = 10;
  private static final double LOSS_ERROR = 1e-3;
  private static final double ROUNDED_LOSS_ERROR = 5e-2;

  /**
   * Ten losses of a small encoder, on the case's backend.
   *
   * @param rounded whether that one rounds to bf16
   */
  static KernelCase losses(boolean rounded) {
    StepShape shape = new StepShape(500, 64, 2, 2, 128, 4, 16);
    return new KernelCase(
        "steps",
        LOSSES + " steps, " + shape,
        rounded ? ROUNDED_LOSS_ERROR : LOSS_ERROR,
        run -> {
          try (OurStep step = new OurStep(shape, StepWork.DENSE, run.backend())) {
            for (int i = 0; i < LOSSES; i++) {
              run.number("loss " + i, step.step());
            }
          }
        });
  }

  void run(Consumer<KernelTimes.Time> each) {
    measure("MiniLM-L6", StepShape.MINILM.withPairs(256), each);
    measure("BERT-base", StepShape.BERT_BASE.withPairs(64), each);
  }

  private void measure(String name, StepShape shape, Consumer<KernelTimes.Time> each) {
    double tokens = 2.0 * shape.pairs() * shape.length();
    double[] rates = new double[STEPS];
    long peak;
    try (OurStep step = new OurStep(shape, StepWork.DENSE, backend)) {
      for (int i = 0; i < WARM_UP; i++) {
        step.step();
      }
      for (int i = 0; i < STEPS; i++) {
        long start = System.nanoTime();
        step.step(); // its loss is read, so the device has finished
        rates[i] = tokens / ((System.nanoTime() - start) / 1e9);
      }
      peak = step.peakBytes();
    }
    Arrays.sort(rates);
    String what = "%s, %s, %s".formatted(name, products, shape);
    each.accept(
        new KernelTimes.Time(what, "tokens/s", rates[0], rates[STEPS / 2], rates[STEPS - 1]));
    double flops = 1e-12 * floatingPointOperations(shape);
    each.accept(
        new KernelTimes.Time(
            what, "TF/s", flops * rates[0], flops * rates[STEPS / 2], flops * rates[STEPS - 1]));
    double gigabytes = 1e-9 * peak;
    each.accept(new KernelTimes.Time(what, "GB at most", gigabytes, gigabytes, gigabytes));
  }

  /** Of a token, forward and backward: products and attention of the layers. */
  private static double floatingPointOperations(StepShape shape) {
    double weights = 4.0 * shape.dims() * shape.dims() + 2.0 * shape.dims() * shape.feedForward();
    return shape.layers() * (6 * weights + 12.0 * shape.dims() * shape.length());
  }
}
