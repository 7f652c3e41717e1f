package io.batchwright.jobs.bench.gpu;

import io.batchwright.jobs.bench.engine.OurStep;
import io.batchwright.jobs.bench.engine.StepShape;
import io.batchwright.jobs.bench.engine.StepWork;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelTimes;
import io.batchwright.kernel.cuda.CudaDevices;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Contrastive training steps of MiniLM-L6 and BERT-base: forward, loss, backward, clipping, AdamW.
 * At length 128 all tokens are real, so padded and real tokens are the same number; each without
 * and with CUDA graphs, and a small step of MiniLM-L6 shows what launches cost. On texts of mixed
 * lengths, others in each step, also filled up, so that graphs find launches that come again.
 *
 * @param backend on which
 * @param products what its products are called
 */
record GpuSteps(Backend backend, String products) {
  private static final int WARM_UP = 5;
  private static final int STEPS = 30;
  private static final int MIXED_WARM_UP = 200; // until nearly all shapes have come twice
  private static final int MIXED_STEPS = 100;
  private static final int LOSSES = 10;
  private static final double LOSS_ERROR = 1e-3;
  private static final double ROUNDED_LOSS_ERROR = 5e-2;
  private static final StepShape SMALL = new StepShape(500, 64, 2, 2, 128, 4, 16);

  /** How a step is started. */
  private enum Start {
    SINGLY(""),
    GRAPHS("CUDA graphs, "),
    FILLED("filled up, CUDA graphs, ");

    final String said;

    Start(String said) {
      this.said = said;
    }

    boolean byGraphs() {
      return this != SINGLY;
    }

    Backend on(Backend backend) {
      CudaDevices.useGraphs(backend, byGraphs());
      return this == FILLED ? CudaDevices.repeating(backend) : backend;
    }
  }

  /**
   * Ten losses of a small encoder, on the case's backend.
   *
   * @param rounded whether that one rounds to bf16
   */
  static KernelCase losses(boolean rounded) {
    return new KernelCase(
        "steps",
        LOSSES + " steps, " + SMALL,
        error(rounded),
        run -> {
          double[] losses = losses(run.backend(), Start.SINGLY, StepWork.DENSE);
          for (int i = 0; i < LOSSES; i++) {
            run.number("loss " + i, losses[i]);
          }
        });
  }

  /** The same steps without CUDA graphs and with them: not a bit of a loss may differ. */
  static KernelCase graphs() {
    return differences(
        "without and with CUDA graphs, " + SMALL,
        Double.MIN_NORMAL,
        backend -> losses(backend, Start.SINGLY, StepWork.DENSE),
        backend -> losses(backend, Start.GRAPHS, StepWork.DENSE));
  }

  /**
   * Steps on texts of mixed lengths, and the same filled up: bits differ where sums are cut
   * otherwise.
   */
  static KernelCase filled(boolean rounded) {
    return differences(
        "mixed lengths, as they are and filled up with CUDA graphs, " + SMALL,
        error(rounded),
        backend -> losses(backend, Start.SINGLY, StepWork.MIXED),
        backend -> losses(backend, Start.FILLED, StepWork.MIXED));
  }

  private static double error(boolean rounded) {
    return rounded ? ROUNDED_LOSS_ERROR : LOSS_ERROR;
  }

  private static KernelCase differences(
      String what, double error, Function<Backend, double[]> one, Function<Backend, double[]> two) {
    return new KernelCase(
        "steps",
        what,
        error,
        run -> {
          double[] expected = one.apply(run.backend());
          double[] actual = two.apply(run.backend());
          for (int i = 0; i < LOSSES; i++) {
            run.number("difference of loss " + i, actual[i] - expected[i]);
          }
        });
  }

  private static double[] losses(Backend backend, Start start, StepWork work) {
    boolean before = CudaDevices.useGraphs(backend, false);
    double[] losses = new double[LOSSES];
    try (OurStep step = new OurStep(SMALL, work, start.on(backend), LOSSES)) {
      for (int i = 0; i < LOSSES; i++) {
        losses[i] = step.step(i);
      }
    } finally {
      CudaDevices.useGraphs(backend, before);
    }
    return losses;
  }

  void run(Consumer<KernelTimes.Time> each) {
    equalLengths("MiniLM-L6", StepShape.MINILM.withPairs(256), each);
    equalLengths("MiniLM-L6", StepShape.MINILM.withPairs(8), each);
    equalLengths("BERT-base", StepShape.BERT_BASE.withPairs(64), each);
    mixedLengths("MiniLM-L6", StepShape.MINILM.withPairs(256), each);
    mixedLengths("MiniLM-L6", StepShape.MINILM.withPairs(16), each);
  }

  private void equalLengths(String name, StepShape shape, Consumer<KernelTimes.Time> each) {
    for (Start start : List.of(Start.SINGLY, Start.GRAPHS)) {
      String what = "%s, %s, %s%s".formatted(name, products, start.said, shape);
      double[] rates = measure(what, shape, StepWork.DENSE, start, each);
      each.accept(time(what, "TF/s", 1e-12 * floatingPointOperations(shape), rates));
    }
  }

  private void mixedLengths(String name, StepShape shape, Consumer<KernelTimes.Time> each) {
    for (Start start : Start.values()) {
      String what = "%s, %s, mixed lengths, %s%s".formatted(name, products, start.said, shape);
      measure(what, shape, StepWork.MIXED, start, each);
    }
  }

  /** Real tokens a second of each step, rising. */
  private double[] measure(
      String what, StepShape shape, StepWork work, Start start, Consumer<KernelTimes.Time> each) {
    int warmUp = work.mixed() ? MIXED_WARM_UP : WARM_UP;
    double[] rates = new double[work.mixed() ? MIXED_STEPS : STEPS];
    boolean before = CudaDevices.useGraphs(backend, false);
    try (OurStep step = new OurStep(shape, work, start.on(backend), warmUp + rates.length)) {
      for (int i = 0; i < warmUp; i++) {
        step.step(i);
      }
      CudaDevices.Started warm = CudaDevices.started(backend);
      for (int i = 0; i < rates.length; i++) {
        long from = System.nanoTime();
        step.step(warmUp + i); // its loss is read, so the device has finished
        rates[i] = step.tokens(warmUp + i) / ((System.nanoTime() - from) / 1e9);
      }
      Arrays.sort(rates);
      each.accept(time(what, "tokens/s", 1, rates));
      each.accept(time(what, "GB at most", 1e-9, step.peakBytes()));
      if (start.byGraphs()) {
        CudaDevices.Started all = CudaDevices.started(backend);
        each.accept(time(what, "% of launches by graphs", 100, all.shareSince(warm)));
        each.accept(time(what, "graphs", 1, all.graphs()));
      }
    } finally {
      CudaDevices.useGraphs(backend, before);
    }
    return rates;
  }

  private static KernelTimes.Time time(String what, String unit, double factor, double... rising) {
    int last = rising.length - 1;
    return new KernelTimes.Time(
        what, unit, factor * rising[0], factor * rising[rising.length / 2], factor * rising[last]);
  }

  /** Of a token, forward and backward: products and attention of the layers. */
  private static double floatingPointOperations(StepShape shape) {
    double weights = 4.0 * shape.dims() * shape.dims() + 2.0 * shape.dims() * shape.feedForward();
    return shape.layers() * (6 * weights + 12.0 * shape.dims() * shape.length());
  }
}
