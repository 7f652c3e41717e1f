package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said on a machine without a GPU; skipped on one with. */
class CudaDevicesTest {

  @Test
  void withoutAGpuCudaFailsWithTheReasonAndAutoIsTheCpu() {
    Assumptions.assumeFalse(Files.exists(Path.of("/proc/driver/nvidia")), "there is a GPU");
    for (int attempt = 0; attempt < 2; attempt++) { // the second from memory
      assertThatThrownBy(() -> Backends.select("cuda"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("backend 'cuda' was asked for, but ")
          .hasMessageEndingWith("; use 'auto' or 'cpu' to go without");
    }
    try (Backend auto = Backends.select("auto");
        Backend cpu = Backends.cpu()) {
      assertThat(auto.device()).isEqualTo("cpu");
      assertThat(auto.provider()).isEqualTo(cpu.provider());
    }
  }

  /** On every machine, or a slip would turn the GPU off without a word. */
  @ParameterizedTest
  @ValueSource(strings = {LaunchGraphs.PROPERTY, ProductProvider.PROPERTY})
  void aWrongSettingIsNotTakenForNoGpu(String property) {
    System.setProperty(property, "on");
    try {
      for (String name : new String[] {"auto", "cuda"}) {
        assertThatThrownBy(() -> Backends.select(name))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(property + " must be one of ")
            .hasMessageEndingWith("got 'on'");
      }
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void anOldDeviceAndAWrongKernelAreRefused() {
    RecordingDriver wrong = new RecordingDriver();
    assertThatThrownBy(() -> CudaDevices.selfTest(new CudaDevice(wrong, "wrong")))
        .isInstanceOf(CudaFailure.class)
        .hasMessage("a kernel gave 0.0 instead of 1.5 on " + wrong.device());
    Driver.Device old = new Driver.Device("Tesla V100", 7, 0, 1L << 34, 12020);
    assertThatThrownBy(() -> CudaDevices.requireCapable(old))
        .isInstanceOf(CudaFailure.class)
        .hasMessage(
            "Tesla V100, compute capability 7.0, CUDA 12.2 is too old: the kernels need compute"
                + " capability 8.0 (Ampere) or later");
  }
}
