package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A GPU without a GPU: the kernels' own source compiled as C++ into a library that calls itself
 * {@code libcuda.so.1}, behind the real JCuda. So geometry, parameters, arithmetic and barriers are
 * tested; what only hardware does is not: speed, PTX's translation, a real driver's moods. Tests
 * that use it are skipped where no C++ compiler is installed.
 */
public final class EmulatedGpu {
  private static final List<String> COMPILERS = List.of("g++", "clang++-19", "clang++", "c++");
  private static Path library;
  private static Path nvrtc;
  private static CudaDevice device;

  private EmulatedGpu() {}

  /** A backend with our own products, in {@code FLOAT32}. */
  public static synchronized Backend backend() {
    return backend(Precision.FLOAT32);
  }

  /** A backend whose products round their factors to bf16. */
  public static synchronized Backend rounding() {
    return backend(Precision.BF16);
  }

  static synchronized CudaBackend backend(Precision precision) {
    return new CudaBackend(device(), new OwnProducts(device(), precision));
  }

  static synchronized CudaDevice device() {
    if (device == null) {
      device = new CudaDevice(driver(), "emulated-gpu");
      CudaDevices.selfTest(device);
      device.useGraphs(LaunchGraphs.configured());
    }
    return device;
  }

  /** A driver of the emulation, for a device of a test's own. */
  static synchronized Driver driver() {
    try {
      // Found under this name by JCuda's library, which needs libcuda.so.1.
      System.load(library().toString());
      JCudaNatives.load("jcuda.driver.JCudaDriver");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new NativeDriver(0);
  }

  /** A device of a test's own, with a pause after which launches wait no longer for their graph. */
  static CudaDevice device(String name, Duration pause) {
    return new CudaDevice(driver(), name, KernelBinaries.NONE, pause);
  }

  /**
   * A backend on a device of its own, whose launches wait for the rest of their graph as long as it
   * takes: whether they become one does not follow from time.
   */
  public static synchronized Backend patient() {
    CudaDevice device = device("patient", Duration.ofHours(1));
    return new CudaBackend(device, new OwnProducts(device, Precision.FLOAT32));
  }

  /** Graphs that the driver holds for whomever. */
  public static int graphs() throws IOException {
    return call("fakeCudaCount", 4);
  }

  /** Calls a function of the library by its name, as {@code fakeCudaMemory}. */
  static int call(String function, Object... arguments) throws IOException {
    return NativeLibrary.getInstance(library().toString())
        .getFunction(function)
        .invokeInt(arguments);
  }

  /** Runs a test with the library as the host's cuBLAS too, and a provider of products. */
  static void withCublas(ProductProvider provider, Test test) throws IOException {
    Map<String, String> properties =
        Map.of(
            HostCublas.PROPERTY,
            library().toString(),
            ProductProvider.PROPERTY,
            provider.toString());
    Map<String, String> before = new HashMap<>();
    properties.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
    try {
      test.run();
    } finally {
      before.forEach(
          (name, value) -> {
            if (value == null) {
              System.clearProperty(name);
            } else {
              System.setProperty(name, value);
            }
          });
    }
  }

  /** What a test does. */
  interface Test {
    void run() throws IOException;
  }

  /** The library; compiled once a JVM. */
  static synchronized Path library() throws IOException {
    if (library == null) {
      library = compiled("libcuda.so.1", unit());
    }
    return library;
  }

  /** A library that calls itself NVRTC; compiled once a JVM. */
  static synchronized Path nvrtc() throws IOException {
    if (nvrtc == null) {
      nvrtc =
          compiled(
              "libnvrtc.so.12", Files.readString(sources().resolve("test/cuda/fake_nvrtc.cpp")));
    }
    return nvrtc;
  }

  /** Whether a program is on the path. */
  static boolean isInstalled(String program) {
    return Optional.ofNullable(System.getenv("PATH")).stream()
        .flatMap(path -> List.of(path.split(":")).stream())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** The folder {@code gpu-kernels/src}. */
  static Path sources() {
    Path root = Path.of(System.getProperty("batchwright.root", ".."));
    return root.resolve("gpu-kernels/src").toAbsolutePath().normalize();
  }

  private static Path compiled(String name, String text) throws IOException {
    Optional<String> compiler = COMPILERS.stream().filter(EmulatedGpu::isInstalled).findFirst();
    assumeTrue(compiler.isPresent(), "no C++ compiler: the kernels cannot be run on the CPU");
    Path folder = Files.createTempDirectory("batchwright-emulation");
    Path unit = folder.resolve("unit.cpp");
    Files.writeString(unit, text);
    Path made = folder.resolve(name);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                compiler.get(),
                "-std=c++17",
                "-O1",
                "-w",
                "-fPIC",
                "-shared",
                "-ffp-contract=off",
                "-Wl,-soname," + name,
                "-o",
                made.toString(),
                unit.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("compiled in time").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    for (Path file : List.of(folder, unit, made, log)) {
      file.toFile().deleteOnExit();
    }
    return made;
  }

  /** All kernels in one unit, with a table of them by name. */
  private static String unit() {
    String includes =
        KernelTexts.FILES.stream()
            .map(file -> sources().resolve("main/cuda/" + file + ".cu"))
            .map(file -> "#include \"" + file + "\"\n")
            .collect(Collectors.joining());
    String entries =
        new TreeSet<>(KernelTexts.packaged().kernels())
            .stream()
                .map(
                    kernel ->
                        ("{\"%1$s\", [](void** p) {"
                                + " emulation::Caller<decltype(&%1$s)>::call(%1$s, p); },"
                                + " emulation::Caller<decltype(&%1$s)>::COUNT},\n")
                            .formatted(kernel))
                .collect(Collectors.joining());
    return "#include \"%s\"\n%s#include \"%s\"\nEntry entries[] = {\n%s{nullptr, nullptr, 0}};\n"
        .formatted(
            sources().resolve("test/cuda/emulation.h"),
            includes,
            sources().resolve("test/cuda/fake_cuda.cpp"),
            entries);
  }

  /** Normally distributed numbers, the same for the same label. */
  static Tensor normal(Arena arena, String label, int... dims) {
    Tensor tensor = arena.allocate(label, DType.F32, dims);
    RandomStream stream = RandomStream.of(5, label, 0, 0);
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) stream.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return tensor;
  }
}
