package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the driver is told, without a driver: geometry and the slots of parameters. */
class LaunchesTest {
  private final RecordingDriver driver = new RecordingDriver();
  private final CudaDevice device = new CudaDevice(driver, "recording");
  private final CudaBackend backend =
      new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void elementsGetAThreadEachUpToAFullDevice() {
    Tensor in = arena.allocate("in", DType.F32, 3, 100);
    Tensor out = arena.allocate("out", DType.F32, 3, 100);
    backend.scale(in, 1.5, out);
    Launch launch = only();
    assertThat(launch.kernel()).isEqualTo("scale_f32");
    assertThat(geometry(launch)).containsExactly(2, 1, 256, 0);
    assertThat(slots(launch))
        .containsExactly(address(in), address(out), 300L, (long) Float.floatToRawIntBits(1.5f));
    driver.launches.clear();
    Tensor large = arena.allocate("large", DType.F64, 3000, 1000);
    backend.exp(large, large);
    assertThat(geometry(only())).containsExactly(1056, 1, 256, 0);
  }

  @Test
  void doublesAndNegativeFloatsFillTheirSlots() {
    Tensor doubles = arena.allocate("doubles", DType.F64, 4);
    backend.shift(doubles, -0.1, doubles);
    assertThat(only().slot(3)).isEqualTo(Double.doubleToRawLongBits(-0.1));
    driver.launches.clear();
    Tensor floats = arena.allocate("floats", DType.F32, 4);
    backend.shift(floats, -0.1, floats);
    assertThat(only().slot(3)).isEqualTo(Float.floatToRawIntBits(-0.1f) & 0xFFFFFFFFL);
  }

  @Test
  void secondArgumentsAreRepeatedAsRowColumnOrElement() {
    Tensor a = arena.allocate("a", DType.F32, 6, 4);
    for (Tensor b :
        List.of(
            arena.allocate("same", DType.F32, 6, 4),
            arena.allocate("row", DType.F32, 4),
            arena.allocate("column", DType.F32, 6, 1),
            arena.allocate("element", DType.F32, 1))) {
      backend.add(a, b, a);
    }
    device.synchronize();
    assertThat(driver.launches)
        .extracting(launch -> launch.slot(5))
        .containsExactly(0L, 1L, 2L, 3L);
    assertThat(driver.launches).extracting(launch -> launch.slot(4)).containsOnly(4L);
  }

  /** A thread that sums gradients over ranks reads while another hands over the backward pass. */
  @Test
  void aReadDoesNotHoldUpWhatOthersHandOver() throws InterruptedException {
    Tensor read = arena.floats("read", new float[] {1, 2});
    Tensor other = arena.allocate("other", DType.F32, 4);
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch passed = new CountDownLatch(1);
    driver.onAwait =
        () -> {
          waits.countDown();
          try {
            passed.await(10, TimeUnit.SECONDS); // all of it only if reads held up launches
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    float[] got = new float[2];
    Thread reader = new Thread(() -> read.copyTo(got));
    reader.start();
    waits.await();
    backend.scale(other, 2, other);
    device.synchronize();
    assertThat(driver.launches).hasSize(1);
    assertThat(got).containsOnly(0);
    passed.countDown();
    reader.join();
    assertThat(got).containsExactly(1, 2);
  }

  @Test
  void copiesBesideWorkComeAfterWhatWasBeforeAndBeforeWhatIsLater() {
    Tensor sums = arena.floats("sums", new float[] {1, 2});
    Tensor other = arena.allocate("other", DType.F32, 4);
    driver.order.clear();
    backend.scale(sums, 2, sums);
    Tensor moved = sums.beside().rows(0, 2);
    backend.exp(other, other);
    assertThat(moved.toFloats()).containsExactly(1, 2);
    moved.copyFrom(new float[] {3, 4});
    backend.scale(sums, 2, sums);
    device.synchronize();
    assertThat(driver.order)
        .containsExactly(
            "scale_f32",
            "mark1 of WORK",
            "exp_f32",
            "BESIDE follows mark1",
            "read BESIDE",
            "mark2 of BESIDE",
            "write BESIDE",
            "mark3 of BESIDE",
            "WORK follows mark3",
            "scale_f32");
  }

  @Test
  void productsSayWhereTheNextElementOfEachDimLies() {
    Tensor a = arena.allocate("a", DType.F32, 30, 70); // [K, M]
    Tensor b = arena.allocate("b", DType.F32, 130, 30); // [N, K]
    Tensor out = arena.allocate("out", DType.F32, 70, 130);
    backend.matmul(a, true, b, true, 2, 1, out);
    Launch launch = only();
    assertThat(launch.kernel()).isEqualTo("matmul_f32");
    assertThat(geometry(launch)).containsExactly(2 * 3, 1, 256, 0);
    assertThat(slots(launch))
        .containsExactly(
            address(a),
            1L,
            70L,
            address(b),
            1L,
            30L,
            address(out),
            0L,
            0L,
            0L,
            0L,
            70L,
            130L,
            30L,
            30L,
            (long) Float.floatToRawIntBits(2),
            (long) Float.floatToRawIntBits(1));
  }

  @Test
  void longProductsOfFewTilesAreCutAndJoined() {
    Tensor grads = arena.allocate("grads", DType.F32, 65_536, 128);
    Tensor inputs = arena.allocate("inputs", DType.F32, 65_536, 128);
    Tensor out = arena.allocate("out", DType.F32, 128, 128);
    backend.matmul(grads, true, inputs, false, 1, 0, out);
    device.synchronize();
    assertThat(driver.launches)
        .extracting(Launch::kernel)
        .containsExactly("matmul_f32", "join_products_f32");
    Launch product = driver.launches.get(0);
    assertThat(geometry(product)).containsExactly(4, 32, 256, 0);
    assertThat(product.slot(14)).isEqualTo(2048); // of K a piece
    assertThat(driver.launches.get(1).slot(0)).isEqualTo(product.slot(7));
    assertThat(driver.launches.get(1).slot(3)).isEqualTo(32);
  }

  @Test
  void factorsAreRoundedOnceAndTheirRowsPaddedToEight() {
    CudaBackend rounding = new CudaBackend(device, new OwnProducts(device, Precision.BF16));
    Tensor a = arena.allocate("a", DType.F32, 30, 71); // [K, M]
    Tensor b = arena.allocate("b", DType.F32, 130, 30); // [N, K]
    Tensor out = arena.allocate("out", DType.F32, 71, 130);
    rounding.matmul(a, true, b, true, 2, 1, out);
    device.synchronize();
    Launch rounds = driver.launches.get(0);
    Launch product = driver.launches.get(1);
    assertThat(driver.launches)
        .extracting(Launch::kernel)
        .containsExactly("round_factors", "matmul_tt_rounded");
    long aEights = 30 * 9;
    long eights = aEights + 130 * 4;
    assertThat(geometry(rounds)).containsExactly(4, 1, 256, 0);
    assertThat(slots(rounds))
        .containsExactly(
            address(a),
            0L,
            rounds.slot(2),
            71L,
            aEights,
            address(b),
            0L,
            rounds.slot(7),
            30L,
            eights);
    assertThat(rounds.slot(7) - rounds.slot(2)).isEqualTo(aEights * 16 + 32); // to 64 bytes
    assertThat(geometry(product)).containsExactly(1 * 2, 1, 256, 80 << 10);
    assertThat(slots(product).subList(0, 6))
        .containsExactly(rounds.slot(2), 72L, rounds.slot(7), 32L, address(out), 0L);
    assertThat(slots(product).subList(9, 13)).containsExactly(71L, 130L, 30L, 30L);
  }

  @Test
  void factorsOfBf16AreTakenAsTheyLieWhereTheirRowsAreAligned() {
    Tensor a = arena.allocate("a", DType.BF16, 30, 72); // [M, K]
    Tensor weight = arena.allocate("weight", DType.F32, 130, 72); // [N, K]
    Tensor bias = arena.allocate("bias", DType.F32, 130);
    Tensor out = arena.allocate("out", DType.BF16, 30, 130);
    backend.linear(a, weight, bias, out);
    device.synchronize();
    Launch rounds = driver.launches.get(0);
    Launch product = driver.launches.get(1);
    assertThat(rounds.slot(4)).as("eights of a").isZero();
    assertThat(rounds.slot(9)).isEqualTo(130 * 9);
    assertThat(product.kernel()).isEqualTo("matmul_nt_bf16");
    assertThat(slots(product).subList(0, 7))
        .containsExactly(address(a), 72L, rounds.slot(7), 72L, address(out), 0L, address(bias));
    driver.launches.clear();
    backend.matmul(a, true, out, false, 1, 0, arena.allocate("dWeight", DType.F32, 72, 130));
    device.synchronize();
    assertThat(driver.launches)
        .extracting(Launch::kernel)
        .as("the rows of out are not aligned")
        .containsExactly("round_factors", "matmul_tn_rounded");
  }

  @Test
  void whatALayerDoesWithItsProductIsOneLaunchWithIt() {
    for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F64}) {
      DType wide = dtype == DType.F64 ? DType.F64 : DType.F32;
      Tensor x = arena.allocate("x", dtype, 30, 72);
      Tensor weight = arena.allocate("weight", dtype, 136, 72);
      Tensor bias = arena.allocate("bias", wide, 136);
      Tensor other = arena.allocate("other", dtype, 30, 136);
      Tensor out = arena.allocate("out", dtype, 30, 136);
      driver.launches.clear();
      backend.linearAdd(x, weight, bias, other, out);
      int first = dtype == DType.BF16 ? 6 : 8;
      assertThat(slots(only()).subList(first, first + 3))
          .containsExactly(address(bias), address(other), 0L);
      driver.launches.clear();
      backend.linearGelu(x, weight, bias, other, out);
      if (dtype == DType.F64) { // too long for the product's own kernel
        device.synchronize();
        assertThat(driver.launches)
            .extracting(Launch::kernel)
            .containsExactly("matmul_f64", "join_products_f64");
        assertThat(slots(driver.launches.get(1)).subList(5, 8))
            .containsExactly(address(bias), 0L, address(other));
      } else {
        assertThat(slots(only()).subList(first, first + 3))
            .containsExactly(address(bias), 0L, address(other));
      }
    }
  }

  @Test
  void rowsOfTablesAreAddedAndNormalizedInOneLaunch() {
    Tensor words = arena.allocate("words", DType.F32, 40, 96);
    Tensor places = arena.allocate("places", DType.F32, 8, 96);
    Tensor type = arena.allocate("type", DType.F32, 1, 96);
    Tensor tokens = arena.ints("tokens", new int[] {3, 39, 3});
    Tensor at = arena.ints("at", new int[] {0, 1, 2});
    Tensor gain = arena.allocate("gain", DType.F32, 96);
    Tensor sum = arena.allocate("sum", DType.F32, 3, 96);
    Tensor statistics = arena.allocate("statistics", DType.F32, 3, 2);
    Tensor out = arena.allocate("out", DType.F32, 3, 96);
    backend.addLayerNorm(
        List.of(new Addend(words, tokens), new Addend(places, at), Addend.of(type)),
        gain,
        gain,
        1e-5,
        sum,
        statistics,
        out);
    Launch launch = only();
    assertThat(launch.kernel()).isEqualTo("add_layer_norm_f32");
    assertThat(geometry(launch)).containsExactly(3, 1, 32, 0);
    assertThat(slots(launch).subList(0, 9))
        .containsExactly(
            address(words),
            96L,
            address(tokens),
            address(places),
            96L,
            address(at),
            address(type),
            0L,
            0L);
    assertThat(launch.count()).isEqualTo(16);
    driver.launches.clear();
    backend.addLayerNorm(
        List.of(Addend.of(out), new Addend(words, tokens)), gain, gain, 1e-5, sum, statistics, out);
    assertThat(slots(only()).subList(0, 9))
        .containsExactly(address(out), 96L, 0L, address(words), 96L, address(tokens), 0L, 0L, 0L);
  }

  @Test
  void manyTensorsAreOneLaunchOfAsManyBlocksAsTheyHavePieces() {
    List<Tensor> tensors =
        List.of(
            arena.allocate("two pieces", DType.F32, 16_385),
            arena.allocate("none", DType.F32, 0),
            arena.allocate("one piece", DType.F32, 16_384));
    backend.scaleEach(tensors, new double[] {0.5, 2, 3});
    Launch launch = only();
    assertThat(launch.kernel()).isEqualTo("scale_each_f32");
    assertThat(geometry(launch)).containsExactly(3, 1, 256, 0);
    assertThat(launch.slot(1)).as("of tensors with elements").isEqualTo(2);
    int member = 2 * 15; // four addresses, two numbers, nine scalars
    int[] table = new int[2 * member];
    device.transfers().read(launch.slot(0), table);
    assertThat(table[0]).isEqualTo((int) address(tensors.get(0)));
    assertThat(table[8]).as("elements").isEqualTo(16_385);
    assertThat(table[member]).isEqualTo((int) address(tensors.get(2)));
    assertThat(table[member + 10]).as("first block").isEqualTo(2);
    assertThat(table[member + 13]).isEqualTo((int) (Double.doubleToRawLongBits(3) >>> 32));
    driver.launches.clear();
    backend.sumsOfSquares(tensors);
    launch = only();
    assertThat(launch.kernel()).isEqualTo("sum_squares_each_f32");
    assertThat(geometry(launch)).containsExactly(3, 1, 256, 0);
  }

  @Test
  void attentionTakesTheKernelOfItsHeadsAndAsksForSharedMemory() {
    for (int dims : new int[] {20, 32, 33, 64, 128, 200}) {
      driver.launches.clear();
      Tensor q = arena.allocate("q", DType.F32, 100, 2 * dims);
      Tensor logSums = arena.allocate("logSums", DType.F32, 100, 2);
      Tensor offsets = arena.ints("offsets", new int[] {0, 30, 30, 100});
      AttentionPass pass =
          new AttentionPass(
              q, q, q, offsets, new AttentionForm(2, true), AttentionDropout.NONE, q, logSums);
      backend.attention(pass, arena);
      Launch launch = only();
      int widest = dims <= 32 ? 32 : dims <= 64 ? 64 : dims <= 128 ? 128 : 256;
      assertThat(launch.kernel()).isEqualTo("attention_" + widest + "_f32");
      int elements = 32 * dims + 2 * 32 * (dims + 1) + 8 * 32 * 4;
      assertThat(geometry(launch)).containsExactly(3 * 3, 2, 256, 4 * elements);
      assertThat(launch.slot(4)).as("tiles of the longest sequence").isEqualTo(3);
      assertThat(launch.slot(9)).as("no dropout").isZero();
    }
  }

  @Test
  void tensorCoresTakeHeadsOfWholeQuadsAndTheOthersStayInFloat32() {
    CudaBackend rounding = new CudaBackend(device, new OwnProducts(device, Precision.BF16));
    int[][] columnsAndBytes = {
      {32, 80 * 3 * 64}, {64, 144 * 3 * 64}, {80, 272 * 3 * 64}, {128, 272 * 3 * 64}
    };
    for (int[] of : columnsAndBytes) {
      Launch launch = forward(rounding, of[0]);
      int widest = of[0] == 80 ? 128 : of[0];
      assertThat(launch.kernel()).isEqualTo("attention_" + widest + "_rounded");
      assertThat(geometry(launch)).containsExactly(2 * 2, 2, 128, of[1]);
    }
    assertThat(forward(rounding, 33).kernel()).isEqualTo("attention_64_f32");
    assertThat(forward(rounding, 132).kernel()).isEqualTo("attention_256_f32");
  }

  private Launch forward(CudaBackend with, int dims) {
    driver.launches.clear();
    Tensor q = arena.allocate("q", DType.F32, 100, 2 * dims);
    Tensor logSums = arena.allocate("logSums", DType.F32, 100, 2);
    Tensor offsets = arena.ints("offsets", new int[] {0, 30, 100});
    with.attention(
        new AttentionPass(
            q, q, q, offsets, new AttentionForm(2, true), AttentionDropout.NONE, q, logSums),
        arena);
    return only();
  }

  @Test
  void searchAsksForRoomForTheKeptOnesAndAThousandMore() {
    int[][] keptAndRoom = {{1, 2048}, {1024, 2048}, {1025, 4096}, {15_360, 16_384}};
    for (int[] of : keptAndRoom) {
      driver.launches.clear();
      Tensor best = arena.allocate("best", DType.F32, 5, of[0]);
      Tensor ordinals = arena.allocate("ordinals", DType.I32, 5, of[0]);
      backend.keepBest(arena.allocate("scores", DType.F32, 5, 70), 60, 300, best, ordinals);
      Launch launch = only();
      assertThat(geometry(launch)).containsExactly(5, 1, 256, 8 * of[1]);
      assertThat(slots(launch).subList(1, 4)).containsExactly(70L, 60L, 300L);
      assertThat(slots(launch).subList(6, 8)).containsExactly((long) of[0], (long) of[1]);
    }
  }

  @Test
  void whatHasNoElementsIsNotLaunched() {
    Tensor none = arena.allocate("none", DType.F32, 0, 4);
    backend.exp(none, none);
    backend.softmax(none, null, none);
    backend.gatherRows(
        arena.allocate("table", DType.F32, 3, 4), arena.ints("rows", new int[0]), none);
    device.synchronize();
    assertThat(driver.launches).isEmpty();
  }

  @Test
  void idsOfTheHostAreNotCopiedBackAndForgottenWhenAKernelWritesThem() {
    Tensor rows = arena.ints("rows", new int[] {2, 1, 0});
    Tensor view = rows.rows(1, 3);
    assertThat(CudaMemory.integers(rows)).containsExactly(2, 1, 0);
    assertThat(CudaMemory.integers(view)).containsExactly(1, 0);
    int[] known = CudaMemory.integers(rows);
    assertThat(CudaMemory.integers(rows)).as("copied back once").isEqualTo(known);
    rows.copyFrom(new int[] {5, 6, 7});
    assertThat(CudaMemory.integers(view)).containsExactly(6, 7);
    CudaMemory.written(rows);
    assertThat(CudaMemory.integers(rows)).isNotSameAs(known).containsExactly(5, 6, 7);
  }

  @Test
  void tensorsOfTheCpuAreRefused() {
    Tensor mine = arena.allocate("mine", DType.F32, 3);
    try (var cpu = io.batchwright.kernel.Backends.select("java");
        Arena other = cpu.arena("other")) {
      Tensor theirs = other.allocate("theirs", DType.F32, 3);
      assertThatThrownBy(() -> backend.exp(theirs, mine))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor 'theirs' F32 [3] does not lie in the GPU's memory");
    }
  }

  private Launch only() {
    device.synchronize();
    return RecordingDriver.onlyLaunch(driver.launches);
  }

  private static int[] geometry(Launch launch) {
    return new int[] {launch.blocksX(), launch.blocksY(), launch.threads(), launch.sharedBytes()};
  }

  private static List<Long> slots(Launch launch) {
    return IntStream.range(0, launch.count()).mapToObj(launch::slot).toList();
  }

  private static long address(Tensor tensor) {
    return CudaMemory.addressOf(tensor);
  }
}
