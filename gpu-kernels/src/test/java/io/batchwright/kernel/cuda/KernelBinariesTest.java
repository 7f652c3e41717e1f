package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernels compiled at run time: by a library that stands in for NVRTC, and by NVRTC where it is.
 */
class KernelBinariesTest {
  private static final Driver.Device DEVICE =
      new Driver.Device("emulated device", 8, 0, 1L << 32, 12000);
  @TempDir Path folder;

  @AfterEach
  void forgetTheProperty() {
    System.clearProperty(Nvrtc.PROPERTY);
  }

  @Test
  void kernelsOfTheHostsCompilerRunAndAreNamed() throws IOException {
    mode(0);
    CudaDevice device =
        new CudaDevice(EmulatedGpu.driver(), "compiled here", made(new CacheFolder(folder)));
    int before = EmulatedGpu.call("fakeCudaBinaries");
    CudaDevices.selfTest(device);
    assertThat(EmulatedGpu.call("fakeCudaBinaries") - before).isEqualTo(KernelTexts.FILES.size());
    try (CudaBackend cuda = new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
        Arena arena = cuda.arena("test")) {
      assertThat(cuda.provider())
          .contains(", CUDA 12.0, kernels by NVRTC 12.3 for sm_80, products float32");
      Tensor x = arena.floats("x", new float[] {1, 2});
      cuda.scale(x, 3, x);
      assertThat(x.toFloats()).containsExactly(3, 6);
    }
  }

  @Test
  void whatWasCompiledIsKeptByItsSource() throws IOException {
    mode(0);
    int files = KernelTexts.FILES.size();
    int before = compiled();
    KernelBinaries first = made(new CacheFolder(folder));
    assertThat(compiled() - before).isEqualTo(files);
    assertThat(made(new CacheFolder(folder)).files()).containsOnlyKeys(first.files().keySet());
    assertThat(compiled() - before).isEqualTo(files);
    KernelBinaries.of(
        DEVICE,
        nvrtc(),
        name -> source(name) + (name.equals("rows.cu") ? "// changed" : ""),
        new CacheFolder(folder));
    assertThat(compiled() - before).as("the changed one alone").isEqualTo(files + 1);
    try (var kept = Files.list(folder)) {
      for (Path file : kept.toList()) {
        Files.writeString(file, "broken");
      }
    }
    assertThat(made(new CacheFolder(folder)).compiler()).isEqualTo("NVRTC 12.3 for sm_80");
    assertThat(compiled() - before).isEqualTo(2 * files + 1);
  }

  @Test
  void aFileThatDoesNotCompileLeavesTheShippedKernels() throws IOException {
    mode(1);
    assertThat(made(CacheFolder.NONE)).isEqualTo(KernelBinaries.NONE);
    assertThatThrownBy(
            () ->
                nvrtc()
                    .compile("attention.cu", source("attention.cu"), source("device.cuh"), "sm_80"))
        .isInstanceOf(CudaFailure.class)
        .hasMessage(
            "attention.cu for sm_80: NVRTC_ERROR_COMPILATION: attention.cu(7): error: a failure of"
                + " the test");
    assertThatThrownBy(() -> nvrtc().compile("rows.cu", "no kernels", "", "sm_80"))
        .hasMessage("nvrtcCreateProgram failed: NVRTC_ERROR_INVALID_INPUT");
  }

  @Test
  void aBinaryThatTheDriverRefusesLeavesTheShippedKernelsForAll() throws IOException {
    mode(2);
    CudaDevice device = new CudaDevice(EmulatedGpu.driver(), "refuses", made(CacheFolder.NONE));
    CudaDevices.selfTest(device);
    assertThat(device.compiler()).isEmpty();
  }

  @Test
  void onlyWhereItIsAskedForAndFound() throws IOException {
    assertThat(Nvrtc.configured()).as("by default").isEmpty();
    System.setProperty(Nvrtc.PROPERTY, folder.resolve("libnvrtc.so").toString());
    assertThat(Nvrtc.configured()).as("not there").isEmpty();
    System.setProperty(Nvrtc.PROPERTY, EmulatedGpu.nvrtc().toString());
    assertThat(Nvrtc.configured().orElseThrow().version()).isEqualTo("12.3");
  }

  @Test
  void hopperIsAskedForWithWhatIsSpecificToIt() {
    assertThat(KernelBinaries.architecture(new Driver.Device("H200", 9, 0, 1, 12040)))
        .isEqualTo("sm_90a");
    assertThat(KernelBinaries.architecture(new Driver.Device("L4", 8, 9, 1, 12040)))
        .isEqualTo("sm_89");
  }

  @Test
  void theSourcesAreInTheJar() {
    for (String file : List.of("device.cuh", "rows.cu", "attention_bf16.cu")) {
      assertThat(KernelBinaries.class.getResourceAsStream(file)).as(file).isNotNull();
    }
  }

  /**
   * The real one, where it is installed: all kernels, for two architectures, and no CUDA headers.
   */
  @Tag("slow")
  @Test
  void theRealCompilerTakesTheSources() {
    System.setProperty(Nvrtc.PROPERTY, System.getProperty("batchwright.test.nvrtc", "auto"));
    Optional<Nvrtc> nvrtc = Nvrtc.configured();
    Assumptions.assumeTrue(nvrtc.isPresent(), "no NVRTC is installed");
    for (String architecture : List.of("sm_80", "sm_90a")) {
      for (String file : KernelTexts.FILES) {
        byte[] binary =
            nvrtc
                .get()
                .compile(file + ".cu", source(file + ".cu"), source("device.cuh"), architecture);
        assertThat(binary).as(file).startsWith(0x7F, 'E', 'L', 'F');
      }
    }
  }

  private static KernelBinaries made(CacheFolder cache) throws IOException {
    return KernelBinaries.of(DEVICE, nvrtc(), KernelBinariesTest::source, cache);
  }

  private static Nvrtc nvrtc() throws IOException {
    System.setProperty(Nvrtc.PROPERTY, EmulatedGpu.nvrtc().toString());
    return Nvrtc.configured().orElseThrow();
  }

  private static String source(String name) {
    try {
      return Files.readString(EmulatedGpu.sources().resolve("main/cuda/" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int compiled() throws IOException {
    return call("fakeNvrtcCompiled");
  }

  private static void mode(int mode) throws IOException {
    call("fakeNvrtcMode", mode);
  }

  private static int call(String function, Object... arguments) throws IOException {
    return NativeLibrary.getInstance(EmulatedGpu.nvrtc().toString())
        .getFunction(function)
        .invokeInt(arguments);
  }
}
