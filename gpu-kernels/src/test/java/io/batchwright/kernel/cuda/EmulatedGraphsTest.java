package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AdamWUpdate;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.ArenaLimitException;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Training steps with CUDA graphs, on {@link EmulatedGpu}: the bits of steps without. */
class EmulatedGraphsTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final int LAUNCHES = 0; // as fakeCudaCount counts
  private static final int STARTS = 1;
  private static final int SETS = 2;
  private static final int GRAPHS = 3;
  private static final int EXECUTABLES = 4;
  private static final int WIDTH = 16;
  private static final int LAYERS = 4;

  /**
   * Dropout's step, rates and the factor of clipping differ from step to step, and the workspace
   * grows in one, so that it lies elsewhere.
   */
  @Test
  void stepsHaveTheSameBitsAndFewerCalls() throws IOException {
    for (Precision precision : Precision.values()) {
      int[] rows = {9, 9, 9, 9, 9, 9, 9};
      Run singly = Run.of(precision, false, NEVER, rows);
      Run together = Run.of(precision, true, NEVER, rows);
      assertThat(together.numbers).isEqualTo(singly.numbers);
      assertThat(singly.counts.get(6)[STARTS]).isZero();
      int launches = singly.counts.get(6)[LAUNCHES];
      int[] last = together.counts.get(6);
      assertThat(last[LAUNCHES] + last[STARTS] + last[SETS])
          .as("calls of %d launches, %s", launches, Arrays.toString(last))
          .isLessThan(launches / 2);
      assertThat(last[STARTS]).isPositive();
      assertThat(last[SETS]).as("dropout at least").isGreaterThanOrEqualTo(LAYERS);
      assertThat(last[GRAPHS]).as("kept").isEqualTo(last[EXECUTABLES]).isPositive();
    }
  }

  /** Also where each wait for more launches is cut short. */
  @Test
  void batchesOfOtherShapesHaveTheSameBits() throws IOException {
    int[] rows = {9, 9, 5, 9, 9, 5, 9, 12, 5};
    Run singly = Run.of(Precision.FLOAT32, false, NEVER, rows);
    Run together = Run.of(Precision.FLOAT32, true, NEVER, rows);
    Run hurried = Run.of(Precision.FLOAT32, true, Duration.ofNanos(1), rows);
    assertThat(together.numbers).isEqualTo(singly.numbers);
    assertThat(hurried.numbers).isEqualTo(singly.numbers);
    assertThat(together.counts.get(6)[STARTS]).as("a shape that came before").isPositive();
  }

  @Test
  void nothingOfGraphsIsLeftWhenTheyAreNotWantedAnyMore() throws IOException {
    int graphs = EmulatedGpu.call("fakeCudaCount", GRAPHS);
    int executables = EmulatedGpu.call("fakeCudaCount", EXECUTABLES);
    CudaDevice device = EmulatedGpu.device("of graphs that go", NEVER);
    long block = device.allocate(256);
    device.useGraphs(true);
    for (int i = 0; i < 3; i++) {
      fourTimes(device, block, 32);
      device.synchronize();
    }
    assertThat(EmulatedGpu.call("fakeCudaCount", GRAPHS)).isEqualTo(graphs + 1);
    device.useGraphs(false);
    assertThat(EmulatedGpu.call("fakeCudaCount", GRAPHS)).isEqualTo(graphs);
    assertThat(EmulatedGpu.call("fakeCudaCount", EXECUTABLES)).isEqualTo(executables);
    device.free(block);
  }

  @Test
  void aDeviceWithoutRoomForAGraphWorksOn() throws IOException {
    int graphs = EmulatedGpu.call("fakeCudaCount", GRAPHS);
    EmulatedGpu.call("fakeCudaMostGraphs", EmulatedGpu.call("fakeCudaCount", EXECUTABLES));
    try {
      CudaDevice device = EmulatedGpu.device("without graphs", NEVER);
      device.useGraphs(true);
      long block = device.allocate(256);
      float[] values = {3};
      device.transfers().write(values, block);
      for (int i = 0; i < 3; i++) {
        fourTimes(device, block, 1);
      }
      device.transfers().read(block, values);
      assertThat(values).containsExactly(3 << 12);
      assertThat(device.graphs().share()).isZero();
      assertThat(EmulatedGpu.call("fakeCudaCount", GRAPHS)).isEqualTo(graphs);
      device.free(block);
    } finally {
      EmulatedGpu.call("fakeCudaMostGraphs", Integer.MAX_VALUE);
    }
  }

  /** Whoever makes it start: what was never written is missing for all. */
  @Test
  void aLaunchThatFailsWhileOthersAskIsNamedByEveryCallAfterIt() {
    CudaDevice device = EmulatedGpu.device("that fails with graphs", NEVER);
    device.useGraphs(true);
    long block = device.allocate(256);
    fourTimes(device, block, 1);
    device.launch(Launch.of("scale_f32", 1, 1, 33, 0).number(0).number(0).number(0).whole(0));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> device.allocate(256))
          .isInstanceOf(CudaFailure.class)
          .hasMessageStartingWith(
              "work on the GPU failed: launch scale_f32 <<<(1, 1), 33>>> [0, 0, 0, 0] failed: ");
    }
    device.free(block); // gives back all the same
  }

  @Test
  void wantOfMemoryConcernsWhoAskedForItAlone() throws IOException {
    CudaDevice device = EmulatedGpu.device("that is full", NEVER);
    device.useGraphs(true);
    try (Backend cuda = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
        Arena arena = cuda.arena("run")) {
      Tensor small = arena.floats("small", new float[] {1, 2, 3});
      cuda.scale(small, 2, small);
      EmulatedGpu.call("fakeCudaMemory", 64L << 20);
      assertThatThrownBy(() -> arena.allocate("activations", DType.F32, 1 << 25))
          .isInstanceOf(ArenaLimitException.class);
      cuda.scale(small, 2, small);
      assertThat(small.toFloats()).containsExactly(4, 8, 12);
    } finally {
      EmulatedGpu.call("fakeCudaMemory", 4L << 30);
    }
  }

  /** As a thread does that sums gradients over ranks. */
  @Test
  void whatIsMovedBesideWorkIsSeenByGraphsThatComeLater() {
    CudaDevice device = EmulatedGpu.device("with graphs beside copies", NEVER);
    device.useGraphs(true);
    try (Backend cuda = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
        Arena arena = cuda.arena("test")) {
      Tensor gradient = arena.floats("gradient", new float[] {1, 2, 3});
      Tensor other = arena.floats("other", new float[] {1});
      for (int i = 1; i <= 4; i++) {
        gradient.copyFrom(new float[] {i, 2, 3});
        for (int k = 0; k < 4; k++) {
          cuda.scale(gradient, 2, gradient);
        }
        Tensor moved = gradient.beside();
        for (int k = 0; k < 4; k++) {
          cuda.scale(other, 2, other);
        }
        assertThat(moved.toFloats()).containsExactly(16 * i, 32, 48);
        moved.copyFrom(new float[] {10 * i, 20, 30});
        for (int k = 0; k < 4; k++) {
          cuda.scale(gradient, 2, gradient);
        }
        assertThat(gradient.toFloats()).containsExactly(160 * i, 320, 480);
      }
      assertThat(device.graphs().share()).isGreaterThan(0.5);
    }
  }

  private static void fourTimes(CudaDevice device, long block, int n) {
    for (int i = 0; i < 4; i++) {
      device.launch(
          Launch.elements("scale_f32", n)
              .number(block)
              .number(block)
              .number(n)
              .scalar(DType.F32, 2));
    }
  }

  /** Steps of a small model: what they gave, and the driver's calls of each. */
  private static final class Run {
    final List<Float> numbers = new ArrayList<>();
    final List<int[]> counts = new ArrayList<>();
    private final CudaDevice device;
    private final Backend cuda;
    private final Arena run;
    private final Arena step;
    private final Tensor bias;
    private final List<Tensor> weights = new ArrayList<>();
    private final List<Moments> moments = new ArrayList<>();

    static Run of(Precision precision, boolean graphs, Duration pause, int... rows)
        throws IOException {
      CudaDevice device = EmulatedGpu.device("steps", pause);
      device.useGraphs(graphs);
      Run run = new Run(device, precision);
      for (int i = 0; i < rows.length; i++) {
        run.takeStep(i, rows[i]);
      }
      for (Tensor weight : run.weights) {
        for (float value : weight.toFloats()) {
          run.numbers.add(value);
        }
      }
      run.step.close();
      run.run.close();
      device.useGraphs(false);
      return run;
    }

    private Run(CudaDevice device, Precision precision) {
      this.device = device;
      this.cuda = new CudaBackend(device, new OwnProducts(device, precision));
      this.run = cuda.arena("run");
      this.step = cuda.arena("step");
      this.bias = run.zeros("bias", DType.F32, WIDTH);
      for (int layer = 0; layer < LAYERS; layer++) {
        weights.add(EmulatedGpu.normal(run, "weight " + layer, WIDTH, WIDTH));
        moments.add(
            new Moments(
                run.zeros("m", DType.F32, WIDTH, WIDTH), run.zeros("v", DType.F32, WIDTH, WIDTH)));
      }
    }

    private void takeStep(int number, int rows) throws IOException {
      device.synchronize();
      int[] before = calls();
      step.reset();
      if (number == 4) {
        device.withWorkspace(3 << 20, address -> {});
      }
      Tensor places = step.ints("places", iota(rows));
      Tensor x = EmulatedGpu.normal(step, "x" + number, rows, WIDTH);
      List<Tensor> inputs = new ArrayList<>();
      for (Tensor weight : weights) {
        inputs.add(x);
        Tensor y = step.allocate("y", DType.F32, rows, WIDTH);
        cuda.linear(x, weight, bias, y);
        cuda.tanh(y, y);
        cuda.dropout(y, RandomStream.of(1, "dropout", 0, number), places, 0.25, y);
        cuda.add(y, x, y);
        x = y;
      }
      Tensor loss = step.allocate("loss", DType.F32, 1);
      cuda.sumAll(x, loss);
      DoubleSupplier later = loss.scalarLater();
      List<Tensor> gradients = new ArrayList<>();
      for (int layer = LAYERS - 1; layer >= 0; layer--) {
        Tensor gradient = step.allocate("gradient", DType.F32, WIDTH, WIDTH);
        cuda.matmul(x, true, inputs.get(layer), false, 1, 0, gradient);
        Tensor dX = step.allocate("dx", DType.F32, rows, WIDTH);
        cuda.matmul(x, false, weights.get(layer), false, 1, 0, dX);
        cuda.scale(dX, 0.5, dX);
        x = dX;
        gradients.add(0, gradient);
      }
      RowSparse touched =
          cuda.sumRows(
              List.of(new RowSparse(step.ints("rows", new int[] {1, 0, 1}), x.rows(0, 3))),
              WIDTH,
              step);
      double norm = Math.sqrt(Arrays.stream(cuda.sumsOfSquares(gradients)).sum());
      double[] rates = new double[number + 1];
      Arrays.setAll(rates, i -> 1e-3 / (i + 1));
      List<AdamWUpdate> updates = new ArrayList<>();
      for (int layer = 0; layer < LAYERS; layer++) {
        cuda.scale(gradients.get(layer), 1 / norm, gradients.get(layer));
        updates.add(
            new AdamWUpdate(
                weights.get(layer),
                gradients.get(layer),
                moments.get(layer),
                new AdamWRule(0.9, 0.99, 1e-8, 0),
                rates));
      }
      cuda.adamW(updates, number + 1);
      cuda.sgdRows(weights.get(0), touched, 1e-4);
      numbers.add((float) later.getAsDouble());
      numbers.add((float) norm);
      device.synchronize();
      int[] after = calls();
      for (int i = LAUNCHES; i <= SETS; i++) {
        after[i] -= before[i];
      }
      counts.add(after);
    }

    private static int[] calls() throws IOException {
      int[] counts = new int[EXECUTABLES + 1];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = EmulatedGpu.call("fakeCudaCount", i);
      }
      return counts;
    }

    private static int[] iota(int count) {
      int[] values = new int[count];
      Arrays.setAll(values, i -> i);
      return values;
    }
  }
}
