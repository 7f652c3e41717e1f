package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How launches are gathered and started as graphs: what the driver is told, without one. */
class LaunchGraphsTest {
  private static final Duration NEVER = Duration.ofHours(1);

  private final RecordingDriver driver = new RecordingDriver();
  private final CudaDevice device = device(NEVER);

  private CudaDevice device(Duration pause) {
    return new CudaDevice(driver, "recording graphs", KernelBinaries.NONE, pause);
  }

  @BeforeEach
  void wanted() {
    assertThat(device.useGraphs(true)).isFalse();
    driver.order.clear();
  }

  @Test
  void launchesThatComeAgainAreOneStartWithTheValuesOfEachTime() {
    List<Long> handedOver = new ArrayList<>();
    for (long step = 1; step <= 4; step++) {
      for (long value : new long[] {7, step, 8, step / 2, 9}) {
        launch(100, value);
        handedOver.add(value);
      }
      device.synchronize();
    }
    assertThat(driver.order)
        .containsExactly(
            "scale_f32",
            "scale_f32",
            "scale_f32",
            "scale_f32",
            "scale_f32",
            "graph of 5",
            "start",
            "set 1",
            "start",
            "set 1",
            "set 3",
            "start");
    assertThat(values()).isEqualTo(handedOver);
    assertThat(device.graphs().toString())
        .isEqualTo("1 graphs of 5 launches; 15 of 20 launches by graphs, 3 set anew");
    assertThat(device.graphs().share()).isEqualTo(0.75);
  }

  @Test
  void whateverIsNotALaunchComesAfterTheLaunchesBeforeIt() {
    long block = device.allocate(64);
    for (int time = 0; time < 2; time++) {
      driver.order.clear();
      four();
      device.zero(block, 4);
      four();
      device.transfers().write(new int[] {1}, block);
      four();
      device.copy(block, block + 4, 4);
      four();
      device.transfers().read(block, new int[1]);
      four();
      device.post(() -> driver.order.add("of another library"));
      four();
      device.milliseconds(this::four);
      device.withWorkspace(4 << 20, address -> four()); // grows
      device.free(block + 4096);
      device.synchronize();
    }
    assertThat(driver.order)
        .filteredOn(call -> !call.startsWith("mark"))
        .containsExactly(
            "start",
            "zero",
            "start",
            "write WORK",
            "start",
            "copy",
            "start",
            "read WORK",
            "start",
            "of another library",
            "start",
            "start",
            "start");
  }

  @Test
  void copiesBesideWorkAreMarkedAfterTheLaunchesBeforeThem() {
    CudaBackend backend = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
    try (Arena arena = backend.arena("test")) {
      Tensor sums = arena.floats("sums", new float[] {1, 2});
      for (int time = 0; time < 2; time++) {
        driver.order.clear();
        four();
        Tensor moved = sums.beside();
        four();
        assertThat(moved.toFloats()).containsExactly(1, 2);
      }
    }
    assertThat(driver.order).hasSize(6);
    assertThat(driver.order.get(0)).isEqualTo("start");
    assertThat(driver.order.get(1)).endsWith("of WORK");
    assertThat(driver.order.get(2)).isEqualTo("start");
    assertThat(driver.order.get(3)).startsWith("BESIDE follows");
    assertThat(driver.order.get(4)).isEqualTo("read BESIDE");
  }

  @Test
  void longSegmentsAreCutAndTheFirstAreShort() {
    for (int time = 0; time < 2; time++) {
      driver.order.clear();
      for (int i = 0; i < 202; i++) {
        launch(100, i);
      }
      device.synchronize();
    }
    assertThat(driver.order)
        .containsExactly(
            "graph of 8",
            "start",
            "graph of 16",
            "start",
            "graph of 32",
            "start",
            "graph of 64",
            "start",
            "graph of 64",
            "start",
            "graph of 18",
            "start");
    assertThat(values().subList(202, 404)).isEqualTo(LongStream.range(0, 202).boxed().toList());
  }

  @Test
  void otherGeometryIsAnotherSegment() {
    for (int time = 0; time < 3; time++) {
      for (int n : new int[] {1000, 2000}) {
        for (int i = 0; i < 4; i++) {
          launch(time * 10_000 + n, 7);
        }
        device.synchronize();
      }
    }
    assertThat(driver.graphs).isZero();
    assertThat(driver.launches).hasSize(24);
  }

  /** Two layers of one model: a graph each, and none is set to the other's addresses. */
  @Test
  void segmentsWithOtherAddressesAreGraphsOfTheirOwn() {
    for (int time = 0; time < 3; time++) {
      for (long layer = 1; layer <= 2; layer++) {
        for (int i = 0; i < 4; i++) {
          launch(100, 1000 * layer + i);
        }
        device.synchronize();
      }
    }
    assertThat(driver.order).containsOnly("scale_f32", "graph of 4", "start");
    assertThat(driver.graphs).isEqualTo(2);
    assertThat(driver.launches).hasSize(24);
  }

  @Test
  void fewLaunchesAreNotWorthAGraph() {
    for (int time = 0; time < 3; time++) {
      launch(100, 1);
      launch(100, 2);
      launch(100, 3);
      device.synchronize();
    }
    assertThat(driver.order).hasSize(9).containsOnly("scale_f32");
  }

  @Test
  void theGraphThatWasNotUsedForLongestIsGivenBack() {
    for (int n = 1; n <= 258; n++) {
      for (int time = 0; time < 2; time++) {
        fourOf(256 * n);
        fourOf(256); // is used all the time
      }
    }
    assertThat(driver.graphs).isEqualTo(256);
    assertThat(driver.order).filteredOn("destroy"::equals).hasSize(2);
    driver.order.clear();
    fourOf(256);
    fourOf(256 * 4);
    fourOf(256 * 2); // forgotten
    assertThat(driver.order)
        .containsExactly("start", "start", "scale_f32", "scale_f32", "scale_f32", "scale_f32");
    assertThat(device.useGraphs(false)).isTrue();
    assertThat(driver.graphs).isZero();
  }

  @Test
  void whereADriverRefusesAGraphLaunchesGoOnOneByOne() throws InterruptedException {
    driver.mostGraphs = 1;
    for (int time = 0; time < 3; time++) {
      fourOf(256);
      fourOf(512);
    }
    assertThat(driver.launches).hasSize(24);
    assertThat(driver.graphs).isZero();
    driver.order.clear();
    fourOf(256);
    assertThat(driver.order).hasSize(4).containsOnly("scale_f32");
    launch(100, 1); // is not gathered, so it waits for nothing
    awaitLaunches(29);
    driver.mostGraphs = 2;
    assertThat(device.useGraphs(true)).isTrue();
    driver.order.clear();
    fourOf(256);
    fourOf(256);
    assertThat(driver.order).endsWith("graph of 4", "start");
  }

  @Test
  void aGraphThatCannotBeGivenBackDoesNotKeepTheOthers() {
    for (int n = 1; n <= 3; n++) {
      fourOf(256 * n);
      fourOf(256 * n);
    }
    driver.order.clear();
    driver.nextDestroyFails = true;
    assertThatThrownBy(() -> device.useGraphs(false))
        .isInstanceOf(CudaFailure.class)
        .hasMessage("cuGraphDestroy failed");
    assertThat(driver.order).containsExactly("destroy", "destroy");
    assertThat(device.graphs().graphs()).isZero();
    launch(100, 1); // concerned the caller alone
    device.synchronize();
    assertThat(values()).hasSize(25).endsWith(1L);
  }

  /** Else a device would wait for a host that prepares its next batch. */
  @Test
  void launchesDoNotWaitLongForMore() throws InterruptedException {
    CudaDevice impatient = device(Duration.ofMillis(1));
    impatient.useGraphs(true);
    for (long value = 1; value <= 3; value++) {
      impatient.launch(scale(100, value));
      awaitLaunches((int) value);
      assertThat(values()).endsWith(value);
    }
    impatient.launch(scale(100, 4));
    impatient.synchronize();
    assertThat(values()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void launchesOfSeveralThreadsAllRunInTheOrderOfEach() throws InterruptedException {
    CudaDevice shared = device(Duration.ofNanos(1));
    shared.useGraphs(true);
    long block = shared.allocate(64);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
    for (long id = 0; id < 3; id++) {
      long first = 10_000 * id;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  shared.launch(scale(100, first + i));
                  if (i % 97 == 0) {
                    shared.zero(block, 4);
                  }
                }
              });
      thread.setUncaughtExceptionHandler((any, e) -> failed.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    shared.synchronize();
    assertThat(failed).isEmpty();
    for (long id = 0; id < 3; id++) {
      long first = 10_000 * id;
      assertThat(values().stream().filter(value -> value / 10_000 == first / 10_000))
          .containsExactlyElementsOf(LongStream.range(first, first + 2000).boxed().toList());
    }
  }

  @Test
  void theSettingIsOffOrAuto() {
    assertThat(LaunchGraphs.configured()).isFalse();
    System.setProperty(LaunchGraphs.PROPERTY, "auto");
    try {
      assertThat(LaunchGraphs.configured()).isTrue();
      System.setProperty(LaunchGraphs.PROPERTY, "on");
      assertThatThrownBy(LaunchGraphs::configured)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batchwright.cuda.graphs must be one of off, auto, got 'on'");
    } finally {
      System.clearProperty(LaunchGraphs.PROPERTY);
    }
  }

  private void awaitLaunches(int count) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (driver.launches.size() < count && System.nanoTime() < until) {
      Thread.sleep(1);
    }
    assertThat(driver.launches).hasSize(count);
  }

  private void four() {
    for (int i = 0; i < 4; i++) {
      launch(100, i);
    }
  }

  private void fourOf(int n) {
    for (int i = 0; i < 4; i++) {
      launch(n, i);
    }
    device.synchronize();
  }

  private void launch(int n, long value) {
    device.launch(scale(n, value));
  }

  private static Launch scale(int n, long value) {
    return Launch.elements("scale_f32", n).number(value).number(2).number(3).scalar(DType.F32, 1);
  }

  private List<Long> values() {
    return driver.launches.stream().map(launch -> launch.slot(0)).toList();
  }
}
