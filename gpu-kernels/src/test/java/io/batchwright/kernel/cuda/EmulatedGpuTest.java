package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AdamWUpdate;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.Moments;
import io.batchwright.kernel.Precision;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelCases;
import io.batchwright.kernel.check.KernelCheck;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.ArenaLimitException;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** What the contract tests of the kernels do not ask, on {@link EmulatedGpu}. */
class EmulatedGpuTest {

  @Test
  void theDeviceIsDescribed() {
    try (Backend backend = EmulatedGpu.backend()) {
      assertThat(backend.device()).isEqualTo("cuda");
      assertThat(backend.provider())
          .isEqualTo(
              "cuda on emulated device, compute capability 8.0, CUDA 12.0, products float32");
    }
  }

  /** Every other launch of the emulation runs blocks and threads in reverse. */
  @Test
  void resultsDoNotDependOnTheOrderOfBlocksAndThreads() {
    orderDoesNotMatter(Precision.FLOAT32);
    orderDoesNotMatter(Precision.BF16);
  }

  private static void orderDoesNotMatter(Precision precision) {
    try (Backend backend = EmulatedGpu.backend(precision);
        Arena arena = backend.arena("test")) {
      Tensor q = EmulatedGpu.normal(arena, "q", 90, 64);
      Tensor[] first = attention(backend, arena, q);
      Tensor shift = arena.zeros("shift", DType.F32, 1);
      backend.exp(shift, shift); // one launch more, so that the orders change places
      Tensor[] second = attention(backend, arena, q);
      for (int i = 0; i < first.length; i++) {
        assertThat(second[i].toFloats()).containsExactly(first[i].toFloats());
      }
    }
  }

  private static Tensor[] attention(Backend backend, Arena arena, Tensor q) {
    Tensor out = arena.allocate("out", DType.F32, 90, 64);
    Tensor logSums = arena.allocate("logSums", DType.F32, 90, 2);
    Tensor offsets = arena.ints("offsets", new int[] {0, 33, 90});
    AttentionPass pass =
        new AttentionPass(
            q, q, q, offsets, new AttentionForm(2, false), AttentionDropout.NONE, out, logSums);
    backend.attention(pass, arena);
    Tensor dQ = arena.allocate("dQ", DType.F32, 90, 64);
    Tensor dK = arena.allocate("dK", DType.F32, 90, 64);
    Tensor dV = arena.allocate("dV", DType.F32, 90, 64);
    backend.attentionBackward(pass, q, new AttentionGradients(dQ, dK, dV), arena);
    return new Tensor[] {out, logSums, dQ, dK, dV};
  }

  @Test
  void productsOnTensorCoresAreThoseOfFactorsRoundedToBf16() {
    try (CudaBackend cuda = EmulatedGpu.backend(Precision.BF16)) {
      assertThat(cuda.provider()).endsWith("products bf16");
      multipliesRounded(cuda);
    }
  }

  private static void multipliesRounded(Backend cuda) {
    int[][] shapes = {
      {1, 1, 1}, {130, 129, 33}, {70, 200, 64}, {16, 8, 1100}, {129, 136, 160}, {3, 5, 0}
    };
    for (int[] mnk : shapes) {
      for (int flags = 0; flags < 4; flags++) {
        try (Backend java = Backends.select("java");
            Arena gpu = cuda.arena("gpu");
            Arena host = java.arena("host")) {
          boolean ta = (flags & 1) != 0;
          boolean tb = (flags & 2) != 0;
          int m = mnk[0];
          int n = mnk[1];
          int k = mnk[2];
          float[] a = rounded("a" + flags, m * k);
          float[] b = rounded("b" + flags, k * n);
          int[] aDims = ta ? new int[] {k, m} : new int[] {m, k};
          int[] bDims = tb ? new int[] {n, k} : new int[] {k, n};
          float[] c = rounded("c", m * n);
          Tensor expected = host.floats("c", c, m, n);
          java.matmul(
              host.floats("a", a, aDims), ta, host.floats("b", b, bDims), tb, 0.5, 2, expected);
          Tensor got = gpu.floats("c", c, m, n);
          cuda.matmul(gpu.floats("a", a, aDims), ta, gpu.floats("b", b, bDims), tb, 0.5, 2, got);
          assertClose(got.toFloats(), expected.toFloats(), 1e-5 * Math.sqrt(Math.max(1, k)));
          if (tb && !ta) {
            float[] bias = rounded("bias", n);
            java.linear(
                host.floats("a", a, m, k),
                host.floats("b", b, n, k),
                host.floats("bias", bias, n),
                expected);
            cuda.linear(
                gpu.floats("a", a, m, k),
                gpu.floats("b", b, n, k),
                gpu.floats("bias", bias, n),
                got);
            assertClose(got.toFloats(), expected.toFloats(), 1e-5 * Math.sqrt(Math.max(1, k)));
          }
        }
      }
    }
  }

  /** Views of one row can start anywhere. */
  @Test
  void factorsAndResultsNeedNotBeAligned() {
    try (Backend cuda = EmulatedGpu.backend(Precision.BF16);
        Arena gpu = cuda.arena("gpu")) {
      float[] values = rounded("values", 1 + 2 * 16);
      Tensor all = gpu.floats("all", values, values.length);
      Tensor a = all.rows(1, 17).reshape(1, 16);
      Tensor b = all.rows(17, 33).reshape(16, 1);
      Tensor out = gpu.allocate("out", DType.F32, 3).rows(1, 2).reshape(1, 1);
      cuda.matmul(a, b, out);
      float dot = 0;
      for (int i = 0; i < 16; i++) {
        dot += values[1 + i] * values[17 + i];
      }
      assertThat(out.toFloats()).containsExactly(dot);
      Tensor q = gpu.floats("q", new float[1 + 2 * 32], 65).rows(1, 65).reshape(2, 32);
      Tensor mixed = gpu.allocate("mixed", DType.F32, 2, 32);
      cuda.attention(
          new AttentionPass(
              q,
              q,
              q,
              gpu.ints("offsets", new int[] {0, 2}),
              new AttentionForm(1, false),
              AttentionDropout.NONE,
              mixed,
              gpu.allocate("logSums", DType.F32, 2, 1)),
          gpu);
      assertThat(mixed.toFloats()).containsOnly(0);
    }
  }

  /** Inputs are bf16 as they are, so scores are exact and only weights are rounded. */
  @Test
  void attentionOnTensorCoresRoundsNothingButFactors() {
    for (int dims : new int[] {20, 32, 64, 128}) {
      for (boolean causal : new boolean[] {false, true}) {
        for (double lost : new double[] {0, 0.3}) {
          AttentionForm form = new AttentionForm(2, causal);
          try (Backend cuda = EmulatedGpu.backend(Precision.BF16);
              Backend java = Backends.select("java");
              Arena gpu = cuda.arena("gpu");
              Arena host = java.arena("host")) {
            Tensor[] got = roundedAttention(cuda, gpu, dims, form, lost);
            Tensor[] expected = roundedAttention(java, host, dims, form, lost);
            for (int i = 0; i < got.length; i++) {
              double tolerance = got[i].label().equals("logSums") ? 1e-5 : 8e-3;
              assertClose(got[i].toFloats(), expected[i].toFloats(), tolerance);
            }
          }
        }
      }
    }
  }

  /**
   * Its only weight is 1 whatever the scores are; gradients that bf16 does not hold must cancel.
   */
  @Test
  void aSequenceOfOnePositionGivesScoresNoGradient() {
    try (Backend cuda = EmulatedGpu.backend(Precision.BF16);
        Arena gpu = cuda.arena("gpu")) {
      float[] dOut = new float[32];
      for (int i = 0; i < 32; i++) {
        dOut[i] = i % 5 - 2 + 0x1p-10f;
      }
      Tensor q = gpu.floats("q", rounded("q", 32), 1, 32);
      AttentionPass pass =
          new AttentionPass(
              q,
              q,
              gpu.floats("v", rounded("v", 32), 1, 32),
              gpu.ints("offsets", new int[] {0, 1}),
              new AttentionForm(1, false),
              AttentionDropout.NONE,
              gpu.allocate("out", DType.F32, 1, 32),
              gpu.allocate("logSums", DType.F32, 1, 1));
      cuda.attention(pass, gpu);
      Tensor dQ = gpu.allocate("dQ", DType.F32, 1, 32);
      Tensor dK = gpu.allocate("dK", DType.F32, 1, 32);
      Tensor dV = gpu.allocate("dV", DType.F32, 1, 32);
      cuda.attentionBackward(
          pass, gpu.floats("dOut", dOut, 1, 32), new AttentionGradients(dQ, dK, dV), gpu);
      assertThat(dQ.toFloats()).containsOnly(0);
      assertThat(dK.toFloats()).containsOnly(0);
    }
  }

  private static Tensor[] roundedAttention(
      Backend backend, Arena arena, int dims, AttentionForm form, double lost) {
    int width = 2 * dims;
    int[] offsets = {0, 1, 1, 6, 70, 135};
    int positions = 135;
    int[] rows = new int[positions];
    Arrays.setAll(rows, i -> 3 * i + 1);
    AttentionPass pass =
        new AttentionPass(
            arena.floats("q", rounded("q", positions * width), positions, width),
            arena.floats("k", rounded("k", positions * width), positions, width),
            arena.floats("v", rounded("v", positions * width), positions, width),
            arena.ints("offsets", offsets),
            form,
            lost == 0
                ? AttentionDropout.NONE
                : new AttentionDropout(
                    lost, RandomStream.of(1, "weights", 0, 0), arena.ints("rows", rows)),
            arena.allocate("out", DType.F32, positions, width),
            arena.allocate("logSums", DType.F32, positions, 2));
    backend.attention(pass, arena);
    Tensor dOut = arena.floats("dOut", rounded("dOut", positions * width), positions, width);
    AttentionGradients gradients =
        new AttentionGradients(
            arena.allocate("dQ", DType.F32, positions, width),
            arena.allocate("dK", DType.F32, positions, width),
            arena.allocate("dV", DType.F32, positions, width));
    backend.attentionBackward(pass, dOut, gradients, arena);
    return new Tensor[] {
      pass.out(), pass.logSums(), gradients.dQueries(), gradients.dKeys(), gradients.dValues()
    };
  }

  @Test
  void cublasGetsOperandsAsItsManualNamesThem() throws IOException {
    EmulatedGpu.withCublas(ProductProvider.CUBLAS, EmulatedGpuTest::multipliesByCublas);
  }

  private static void multipliesByCublas() {
    CudaDevice device = EmulatedGpu.device();
    ProductProvider provider = ProductProvider.configured();
    try (CudaBackend cuda = CudaDevices.backendOn(device, provider, Precision.FLOAT32);
        Backend java = Backends.select("java");
        Arena gpu = cuda.arena("gpu");
        Arena host = java.arena("host")) {
      assertThat(cuda.provider()).endsWith("products cublas 12.0, float32");
      CudaBackend rounding = CudaDevices.backendOn(device, provider, Precision.BF16);
      assertThat(rounding.provider()).endsWith("products cublas 12.0, bf16");
      multipliesRounded(rounding);
      List<KernelCase> ofBf16 =
          KernelCases.rounded(KernelCases.Extent.SMALL).stream()
              .filter(one -> one.name().startsWith("products bf16"))
              .toList();
      assertThat(new KernelCheck(java, rounding, 3).run(ofBf16, outcome -> {}))
          .isNotEmpty()
          .allMatch(KernelCheck.Outcome::passed);
      assertThat(CudaDevices.variants(device, false))
          .containsOnlyKeys(
              "float32",
              "cublas 12.0, float32",
              "bf16",
              "cublas 12.0, bf16",
              "cublas 12.0, bf16 inside");
      for (int flags = 0; flags < 4; flags++) {
        boolean ta = (flags & 1) != 0;
        boolean tb = (flags & 2) != 0;
        float[] a = rounded("a", 5 * 7);
        float[] b = rounded("b", 7 * 3);
        int[] aDims = ta ? new int[] {7, 5} : new int[] {5, 7};
        int[] bDims = tb ? new int[] {3, 7} : new int[] {7, 3};
        Tensor expected = host.floats("c", rounded("c", 15), 5, 3);
        java.matmul(
            host.floats("a", a, aDims), ta, host.floats("b", b, bDims), tb, 2, -1, expected);
        Tensor got = gpu.floats("c", rounded("c", 15), 5, 3);
        cuda.matmul(gpu.floats("a", a, aDims), ta, gpu.floats("b", b, bDims), tb, 2, -1, got);
        assertClose(got.toFloats(), expected.toFloats(), 1e-5);
      }
    }
  }

  @Test
  void selectingTwiceCreatesOneHandle() throws IOException {
    CudaDevice device = new CudaDevice(EmulatedGpu.driver(), "of one handle");
    Function handles =
        NativeLibrary.getInstance(EmulatedGpu.library().toString())
            .getFunction("fakeCublasHandles");
    EmulatedGpu.withCublas(
        ProductProvider.CUBLAS,
        () -> {
          int before = handles.invokeInt(new Object[0]);
          for (int i = 0; i < 2; i++) {
            CudaDevices.backendOn(device, ProductProvider.configured(), Precision.BF16).close();
            assertThat(handles.invokeInt(new Object[0])).isEqualTo(before + 1);
          }
          CudaDevices.backendOn(device, ProductProvider.configured(), Precision.FLOAT32).close();
          assertThat(handles.invokeInt(new Object[0])).isEqualTo(before + 2);
        });
  }

  /** 257 is not a number of bf16. */
  @Test
  void aResultOfBf16IsRoundedOnceWithTheBiasInIt() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.CUBLAS,
        () -> {
          for (Backend cuda : CudaDevices.variants(EmulatedGpu.device(), false).values()) {
            try (Arena gpu = cuda.arena("gpu")) {
              Tensor out = gpu.allocate("out", DType.BF16, 1, 1);
              Tensor wide = gpu.allocate("wide", DType.F32, 1, 1);
              cuda.linear(
                  gpu.floats("x", new float[] {256, 1}, 1, 2),
                  gpu.floats("weight", new float[] {1, 1}, 1, 2),
                  gpu.floats("bias", new float[] {-256}, 1),
                  out);
              cuda.cast(out, wide);
              assertThat(wide.toFloats()).as(cuda.provider()).containsExactly(1);
            }
          }
        });
  }

  @Test
  void aFullDeviceIsReadableAndWorksOn() throws IOException {
    CudaDevice device = EmulatedGpu.device();
    Function limit =
        NativeLibrary.getInstance(EmulatedGpu.library().toString()).getFunction("fakeCudaMemory");
    try (CudaBackend cuda = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
        Arena arena = cuda.arena("run")) {
      Tensor small = arena.floats("small", new float[] {1, 2, 3});
      limit.invokeInt(new Object[] {64L << 20});
      assertThatThrownBy(() -> arena.allocate("activations", DType.F32, 1 << 25))
          .isInstanceOf(ArenaLimitException.class)
          .hasMessageContaining("arena 'run' cannot hold 'activations' F32 [33554432]")
          .hasMessageContaining("the cuda's memory is used up");
      cuda.scale(small, 2, small);
      assertThat(small.toFloats()).containsExactly(2, 4, 6);
    } finally {
      limit.invokeInt(new Object[] {4L << 30});
    }
  }

  @Test
  void aWorkspaceThatDoesNotFitIsReadableAndTheDeviceWorksOn() throws IOException {
    CudaDevice device = EmulatedGpu.device();
    Function limit =
        NativeLibrary.getInstance(EmulatedGpu.library().toString()).getFunction("fakeCudaMemory");
    try (CudaBackend cuda = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
        Arena arena = cuda.arena("run")) {
      Tensor a = arena.floats("a", new float[] {1, 2, 3});
      Tensor sum = arena.allocate("sum", DType.F32, 1);
      limit.invokeInt(new Object[] {1L << 20});
      assertThatThrownBy(() -> device.withWorkspace(1L << 29, address -> {}))
          .isInstanceOf(ArenaLimitException.class)
          .hasMessageStartingWith(
              "the memory of emulated device, compute capability 8.0, CUDA 12.0 is used up: a"
                  + " kernel asked for 536,870,912 bytes beside ")
          .hasMessageContaining("run");
      limit.invokeInt(new Object[] {1L << 30});
      cuda.sumAll(a, sum); // takes a workspace that fits
      assertThat(sum.toFloats()).containsExactly(6);
    } finally {
      limit.invokeInt(new Object[] {4L << 30});
    }
  }

  @Test
  void aStepAllocatesNothingOnceItHasBeenTaken() throws IOException {
    Function allocations =
        NativeLibrary.getInstance(EmulatedGpu.library().toString())
            .getFunction("fakeCudaAllocations");
    for (Precision precision : Precision.values()) {
      try (Backend cuda = EmulatedGpu.backend(precision);
          Arena run = cuda.arena("run");
          Arena step = run.child("step")) {
        Tensor weight = EmulatedGpu.normal(run, "weight", 40, 24);
        Moments moments =
            new Moments(run.zeros("m", DType.F32, 40, 24), run.zeros("v", DType.F32, 40, 24));
        long addresses = 0;
        int before = 0;
        for (int i = 1; i <= 5; i++) {
          step.reset();
          Tensor x = EmulatedGpu.normal(step, "x", 1100, 24);
          Tensor y = step.allocate("y", cuda.activations(), 1100, 40);
          cuda.linear(x, weight, step.zeros("bias", DType.F32, 40), y);
          Tensor gradient = step.allocate("gradient", DType.F32, 40, 24);
          cuda.matmul(y, true, x, false, 1, 0, gradient); // in pieces
          Tensor rows = step.ints("rows", new int[] {3, 1, 3});
          cuda.sumRows(List.of(new RowSparse(rows, gradient.rows(0, 3))), 40, step);
          cuda.sumsOfSquares(List.of(gradient, weight));
          cuda.adamW(
              List.of(
                  new AdamWUpdate(
                      weight,
                      gradient,
                      moments,
                      new AdamWRule(0.9, 0.99, 1e-8, 0),
                      new double[] {1e-3, 1e-3, 1e-3, 1e-3, 1e-3})),
              i);
          cuda.close(); // waits
          if (i > 2) {
            assertThat(allocations.invokeInt(new Object[0])).isEqualTo(before);
            assertThat(CudaMemory.addressOf(gradient)).as("repeats").isEqualTo(addresses);
          }
          before = allocations.invokeInt(new Object[0]);
          addresses = CudaMemory.addressOf(gradient);
        }
      }
    }
  }

  /** For the norm of its gradients; the first step learns besides which rows were never updated. */
  @Test
  void aStepWaitsForTheDeviceOnce() throws IOException {
    double[] rates = {1e-3, 1e-3, 1e-3, 1e-3};
    AdamWRule rule = new AdamWRule(0.9, 0.99, 1e-8, 0.1);
    try (Backend cuda = EmulatedGpu.backend();
        Arena run = cuda.arena("run");
        Arena step = run.child("step")) {
      Tensor table = EmulatedGpu.normal(run, "table", 40, 8);
      Moments moments =
          new Moments(
              run.zeros("m", DType.F32, 40, 8),
              run.zeros("v", DType.F32, 40, 8),
              run.zeros("last", DType.I32, 40));
      for (int i = 1; i <= rates.length; i++) {
        int before = EmulatedGpu.call("fakeCudaWaits");
        step.reset();
        Tensor tokens = step.ints("tokens", new int[] {3, i, 3, 7 * i});
        Tensor offsets = step.ints("offsets", new int[] {0, 1, 4});
        assertThat(offsets.toInts()).containsExactly(0, 1, 4); // as models ask
        Tensor texts = step.allocate("texts", DType.F32, 2, 8);
        cuda.adamWCatchUp(table, tokens, moments, rule, rates, i - 1);
        cuda.embeddingBagMean(table, tokens, offsets, texts);
        Tensor loss = step.allocate("loss", DType.F32, 1);
        cuda.sumAll(texts, loss);
        DoubleSupplier later = loss.scalarLater();
        RowSparse gradient = cuda.embeddingBagMeanBackward(texts, tokens, offsets, 40, step);
        EmulatedGpu.device().ask(() -> null); // the emulation does not run ahead of its thread
        assertThat(later.getAsDouble()).isNotNaN();
        assertThat(cuda.sumsOfSquares(List.of(gradient.values()))[0]).isPositive();
        cuda.adamWRowsExact(table, gradient, moments, rule, rates, i);
        assertThat(EmulatedGpu.call("fakeCudaWaits") - before).isEqualTo(i == 1 ? 2 : 1);
      }
    }
  }

  /** Whoever asks first: what was never written is missing for all. */
  @Test
  void aLaunchThatFailsIsNamedByEveryCallAfterIt() throws InterruptedException {
    CudaDevice device = new CudaDevice(EmulatedGpu.driver(), "that fails");
    Arena arena =
        new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32)).arena("open meanwhile");
    Tensor held = arena.floats("held", new float[] {1});
    device.launch(Launch.of("scale_f32", 1, 1, 33, 0).number(0).number(0).number(0).whole(0));
    AtomicReference<Throwable> ofAnother = new AtomicReference<>();
    Thread another = new Thread(() -> ofAnother.set(catchThrowable(device::synchronize)));
    another.start();
    another.join();
    for (Throwable seen :
        Arrays.asList(
            ofAnother.get(),
            catchThrowable(held::toFloats),
            catchThrowable(() -> device.zero(CudaMemory.addressOf(held), 4)))) {
      assertThat(seen)
          .isInstanceOf(CudaFailure.class)
          .hasMessageStartingWith(
              "work on the GPU failed: launch scale_f32 <<<(1, 1), 33>>> [0, 0, 0, 0] failed: ")
          .hasMessageContaining("CUDA_ERROR_INVALID_VALUE (1)");
    }
    arena.close(); // gives back all the same
  }

  /** Else what the work allocates would have no owner. */
  @Test
  void anInterruptDoesNotEndTheWaitForTheDevice() {
    CudaDevice device = EmulatedGpu.device();
    CountDownLatch waits = new CountDownLatch(1);
    Thread.currentThread().interrupt();
    int answer =
        device.ask(
            () -> {
              try {
                waits.await(50, TimeUnit.MILLISECONDS); // the caller has to wait
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return 7;
            });
    assertThat(Thread.interrupted()).as("seen afterwards").isTrue();
    assertThat(answer).isEqualTo(7);
  }

  @Test
  void arraysOfManyBlocksArriveWholeAndComeBack() {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      int[] values = new int[(34 << 20) / 4 + 3]; // more than the ring
      for (int i = 0; i < values.length; i++) {
        values[i] = 31 * i;
      }
      Tensor ints = arena.ints("ints", values);
      Tensor copy = arena.allocate("copy", DType.I32, values.length);
      ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      ints.copyTo(raw);
      copy.copyFrom(raw.flip());
      assertThat(raw.hasRemaining()).isFalse();
      assertThat(Arrays.equals(copy.toInts(), values)).isTrue();
    }
  }

  /** And when it is asked for, later work has brought it along: nobody waits. */
  @Test
  void aNumberThatIsReadLaterIsThatOfItsPlaceInTheOrderOfWork() throws IOException {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor single = arena.floats("single", new float[] {1.5f});
      Tensor twice = arena.doubles("double", new double[] {0.1});
      DoubleSupplier first = single.scalarLater();
      DoubleSupplier second = twice.scalarLater();
      cuda.scale(single, 2, single);
      cuda.scale(twice, 2, twice);
      DoubleSupplier third = single.scalarLater();
      EmulatedGpu.device().ask(() -> null); // all handed over
      int before = EmulatedGpu.call("fakeCudaWaits");
      for (int i = 0; i < 2; i++) {
        assertThat(first.getAsDouble()).isEqualTo(1.5);
        assertThat(second.getAsDouble()).isEqualTo(0.1);
      }
      assertThat(EmulatedGpu.call("fakeCudaWaits")).isEqualTo(before);
      assertThat(third.getAsDouble()).isEqualTo(3);
      assertThat(EmulatedGpu.call("fakeCudaWaits")).isEqualTo(before + 1);
      Tensor two = arena.floats("two", new float[2]);
      assertThatThrownBy(two::scalarLater)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("'two' F32 [2] is not exactly one F32 or F64");
    }
  }

  /** What a thread does that sums gradients over ranks while the backward pass goes on. */
  @Test
  void whatIsMovedBesideWorkIsSeenByWorkThatComesLater() {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor gradient = arena.floats("gradient", new float[] {1, 2, 3});
      Tensor other = arena.floats("other", new float[] {1});
      for (int i = 0; i < 1100; i++) { // more than there are marks
        cuda.scale(gradient, -1, gradient);
        gradient.beside();
      }
      cuda.scale(gradient, 2, gradient);
      Tensor moved = gradient.beside();
      cuda.scale(other, 2, other);
      float[] sum = moved.toFloats();
      assertThat(sum).containsExactly(2, 4, 6);
      moved.rows(0, 2).copyFrom(new float[] {20, 40});
      assertThat(moved.toFloats()).containsExactly(20, 40, 6);
      moved.rows(2, 3).copyFrom(new float[] {60});
      cuda.scale(gradient, 0.5, gradient);
      assertThat(gradient.toFloats()).containsExactly(10, 20, 30);
      Tensor rows = arena.ints("rows", new int[] {1, 2});
      rows.beside().copyFrom(new int[] {2, 0});
      assertThat(rows.toInts()).containsExactly(2, 0);
    }
  }

  /** Marks come again after 1,024 others; nothing else of this test brings the copy along. */
  @Test
  void aMarkThatIsHeldForLongIsStillWaitedFor() {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor other = arena.floats("other", new float[] {1});
      Tensor held = arena.floats("held", new float[] {7, 8});
      Tensor moved = held.beside();
      for (int i = 0; i < 1100; i++) {
        other.beside();
      }
      assertThat(moved.toFloats()).containsExactly(7, 8);
    }
  }

  /** Models ask for the offsets of their batch in each step. */
  @Test
  void integersThatTheHostWroteComeBackWithoutTheDevice() throws IOException {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor offsets = arena.ints("offsets", new int[] {0, 3, 7, 9});
      int before = EmulatedGpu.call("fakeCudaWaits");
      int[] got = offsets.toInts();
      got[0] = 5; // the caller's own
      assertThat(offsets.toInts()).containsExactly(0, 3, 7, 9);
      assertThat(EmulatedGpu.call("fakeCudaWaits")).isEqualTo(before);
      assertThat(offsets.rows(1, 3).toInts()).containsExactly(3, 7);
      assertThat(EmulatedGpu.call("fakeCudaWaits")).isEqualTo(before + 1);
      cuda.transpose(
          arena.ints("others", new int[] {1, 2, 3, 4}).reshape(2, 2), offsets.reshape(2, 2));
      assertThat(offsets.toInts()).containsExactly(1, 3, 2, 4);
    }
  }

  @Test
  void sumsOfManyTensorsComeBackTogether() {
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor one = EmulatedGpu.normal(arena, "one", 3000);
      Tensor two = EmulatedGpu.normal(arena, "two", 7, 5);
      Tensor none = arena.allocate("none", DType.F32, 0);
      Tensor large = EmulatedGpu.normal(arena, "large", 40_000);
      Tensor doubles = arena.doubles("doubles", new double[] {3, 4}, 2);
      assertThat(cuda.sumsOfSquares(List.of(one, none, doubles, large, two)))
          .containsExactly(
              cuda.sumOfSquares(one), 0, 25, cuda.sumOfSquares(large), cuda.sumOfSquares(two));
      assertThat(cuda.sumsOfSquares(List.of())).isEmpty();
    }
  }

  @Test
  void drawsAreThoseOfTheStream() {
    RandomStream stream = RandomStream.of(3, "dropout", 1, 2);
    try (Backend cuda = EmulatedGpu.backend();
        Arena arena = cuda.arena("test")) {
      Tensor ones = arena.allocate("ones", DType.F32, 3, 50);
      cuda.fill(ones, 1);
      Tensor out = arena.allocate("out", DType.F32, 3, 50);
      cuda.dropout(ones, stream, arena.ints("rows", new int[] {0, 1 << 30, 7}), 0.25, out);
      float[] got = out.toFloats();
      for (int i = 0; i < got.length; i++) {
        long row = new long[] {0, 1 << 30, 7}[i / 50];
        boolean kept = Integer.toUnsignedLong(stream.intAt(row * 50 + i % 50)) >= 1L << 30;
        assertThat(got[i]).isEqualTo(kept ? (float) (1 / 0.75) : 0);
      }
    }
  }

  /** Draws that bf16 represents exactly. */
  private static float[] rounded(String label, int count) {
    RandomStream stream = RandomStream.of(6, label, 0, 0);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = stream.belowAt(i, 255) / 128f - 1;
    }
    return values;
  }

  private static void assertClose(float[] got, float[] expected, double tolerance) {
    assertThat(got).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      double error = Math.abs(got[i] - expected[i]);
      assertThat(error)
          .as(String.format(Locale.ROOT, "element %d: %s and %s", i, got[i], expected[i]))
          .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(expected[i])));
    }
  }
}
