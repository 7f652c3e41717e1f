package io.batchwright.jobs.bench.gpu;

import io.batchwright.jobs.bench.engine.OurStep;
import io.batchwright.jobs.bench.engine.StepShape;
import io.batchwright.jobs.bench.engine.StepWork;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelTimes;
import io.batchwright.kernel.cuda.CudaDevices;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Contrastive training steps of MiniLM-L6 and BERT-base at length 128: forward, loss, backward,
 * clipping, AdamW. All tokens are real, so padded and real tokens are the same number. Each without
 * and with CUDA graphs; a small step of MiniLM-L6 shows what launches cost.
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
  private static final StepShape SMALL = new StepShape(500, 64, 2, 2, 128, 4, 16);

  /**
   * Ten losses of a small encoder, on the case's backend.
   *
   * @param rounded whether that one rounds to bf16
   */
  static KernelCase losses(boolean rounded) {
    return new KernelCase(
        "steps",
        LOSSES + " steps, " + SMALL,
        rounded ? ROUNDED_LOSS_ERROR : LOSS_ERROR,
        run -> {
          double[] losses = lossesOn(run.backend());
          for (int i = 0; i < LOSSES; i++) {
            run.number("loss " + i, losses[i]);
          }
        });
  }

  /** The same steps without CUDA graphs and with them: not a bit of a loss may differ. */
  static KernelCase graphs() {
    return new KernelCase(
        "steps",
        "without and with CUDA graphs, " + SMALL,
        Double.MIN_NORMAL,
        run -> {
          boolean before = CudaDevices.useGraphs(run.backend(), false);
          try {
            double[] without = lossesOn(run.backend());
            CudaDevices.useGraphs(run.backend(), true);
            double[] with = lossesOn(run.backend());
            for (int i = 0; i < LOSSES; i++) {
              run.number("difference of loss " + i, with[i] - without[i]);
            }
          } finally {
            CudaDevices.useGraphs(run.backend(), before);
          }
        });
  }

  private static double[] lossesOn(Backend backend) {
    double[] losses = new double[LOSSES];
    try (OurStep step = new OurStep(SMALL, StepWork.DENSE, backend)) {
      for (int i = 0; i < LOSSES; i++) {
        losses[i] = step.step();
      }
    }
    return losses;
  }

  void run(Consumer<KernelTimes.Time> each) {
    measure("MiniLM-L6", StepShape.MINILM.withPairs(256), each);
    measure("MiniLM-L6", StepShape.MINILM.withPairs(8), each);
    measure("BERT-base", StepShape.BERT_BASE.withPairs(64), each);
  }

  private void measure(String name, StepShape shape, Consumer<KernelTimes.Time> each) {
    boolean before = CudaDevices.useGraphs(backend, false);
    try {
      measure("%s, %s, %s".formatted(name, products, shape), shape, false, each);
      CudaDevices.useGraphs(backend, true);
      measure("%s, %s, CUDA graphs, %s".formatted(name, products, shape), shape, true, each);
    } finally {
      CudaDevices.useGraphs(backend, before);
    }
  }

  private void measure(
      String what, StepShape shape, boolean graphs, Consumer<KernelTimes.Time> each) {
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
    each.accept(
        new KernelTimes.Time(what, "tokens/s", rates[0], rates[STEPS / 2], rates[STEPS - 1]));
    double flops = 1e-12 * floatingPointOperations(shape);
    each.accept(
        new KernelTimes.Time(
            what, "TF/s", flops * rates[0], flops * rates[STEPS / 2], flops * rates[STEPS - 1]));
    double gigabytes = 1e-9 * peak;
    each.accept(new KernelTimes.Time(what, "GB at most", gigabytes, gigabytes, gigabytes));
    if (graphs) {
      double share = 100 * CudaDevices.shareByGraphs(backend);
      each.accept(new KernelTimes.Time(what, "% of launches by graphs", share, share, share));
    }
  }

  /** Of a token, forward and backward: products and attention of the layers. */
  private static double floatingPointOperations(StepShape shape) {
    double weights = 4.0 * shape.dims() * shape.dims() + 2.0 * shape.dims() * shape.feedForward();
    return shape.layers() * (6 * weights + 12.0 * shape.dims() * shape.length());
  }
}
