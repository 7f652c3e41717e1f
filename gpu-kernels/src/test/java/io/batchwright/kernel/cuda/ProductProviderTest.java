package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.ptr.LongByReference;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Precision;
import io.batchwright.kernel.cuda.ProductChoices.Grid;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which provider multiplies, on {@link EmulatedGpu} with a clock that the tests set. */
class ProductProviderTest {
  private static final Grid GRID = new Grid(List.of(8, 32), 1);
  @TempDir Path folder;

  @Test
  void theFasterMultipliesEachKindAndSize() throws IOException {
    for (Precision precision : Precision.values()) {
      EmulatedGpu.withCublas(
          ProductProvider.AUTO,
          () -> {
            CudaDevice device = device();
            cost(1, 1.5, 0.5);
            Products products = auto(device, precision, CacheFolder.NONE);
            assertThat(products.name())
                .matches("own or cublas 12\\.0, " + precision + " by table [0-9a-f]{8}");
            try (CudaBackend cuda = new CudaBackend(device, products);
                Arena arena = cuda.arena("test")) {
              assertThat(cublasProducts(cuda, arena, 10)).isZero();
              assertThat(cublasProducts(cuda, arena, 30)).isEqualTo(1);
              assertThat(cuda.provider()).endsWith(", products " + products.name());
            }
          });
    }
  }

  /** Times would now say otherwise, and nobody asks them. */
  @Test
  void theSameFileMakesTheSameChoices() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          CacheFolder cache = new CacheFolder(folder);
          cost(1, 1.5, 0.5);
          Products first = auto(device(), Precision.FLOAT32, cache);
          cost(0.5, 2, 2);
          int before = EmulatedGpu.call("fakeCublasProducts");
          Products second = auto(device(), Precision.FLOAT32, cache);
          assertThat(second.name()).isEqualTo(first.name());
          assertThat(second.choices()).isEqualTo(first.choices());
          assertThat(EmulatedGpu.call("fakeCublasProducts")).as("not measured").isEqualTo(before);
          assertThat(auto(device(), Precision.BF16, cache).name()).isNotEqualTo(first.name());
          assertThat(files()).hasSize(2);
        });
  }

  @Test
  void aBrokenFileIsMeasuredAnewAndReplaced() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          cost(1, 1.5, 0.5);
          Products first = auto(device(), Precision.FLOAT32, new CacheFolder(folder));
          Path file = files().get(0);
          String text = Files.readString(file);
          Files.writeString(file, text.replace("own", "cublas"));
          Products second = auto(device(), Precision.FLOAT32, new CacheFolder(folder));
          assertThat(second.name()).isEqualTo(first.name());
          assertThat(Files.readString(file)).isEqualTo(text);
          CacheFolder cache = new CacheFolder(folder);
          Files.delete(file);
          cache.keep(
              file.getFileName().toString(),
              first.choices().replace("8", "9").getBytes(StandardCharsets.UTF_8),
              other -> false);
          assertThat(auto(device(), Precision.FLOAT32, cache).name()).isEqualTo(first.name());
          assertThat(Files.readString(file)).isEqualTo(text);
        });
  }

  /** Another process keeps its table while this one measures, and would choose otherwise. */
  @Test
  void ofTwoThatMeasureAtOnceBothTakeTheTableThatWasKeptFirst() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
          Path here = Files.createDirectory(folder.resolve("here"));
          cost(1, 1.5, 0.5);
          Products first = auto(device(), Precision.FLOAT32, new CacheFolder(elsewhere));
          cost(0.5, 2, 2);
          Products alone = auto(device(), Precision.FLOAT32, CacheFolder.NONE);
          assertThat(alone.name()).as("measured now").isNotEqualTo(first.name());
          CudaDevice late = measuring(() -> copyFiles(elsewhere, here));
          Products second = auto(late, Precision.FLOAT32, new CacheFolder(here));
          assertThat(second.name()).isEqualTo(first.name());
          assertThat(second.choices()).isEqualTo(first.choices());
          Products third = auto(device(), Precision.FLOAT32, new CacheFolder(here));
          assertThat(third.choices()).isEqualTo(first.choices());
        });
  }

  /** Runs something when the device's clock is read first, in the middle of a measurement. */
  private static CudaDevice measuring(Runnable meanwhile) {
    Driver driver = EmulatedGpu.driver();
    AtomicBoolean before = new AtomicBoolean(true);
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("clock") && before.getAndSet(false)) {
            meanwhile.run();
          }
          return method.invoke(driver, arguments);
        };
    return new CudaDevice(
        (Driver)
            Proxy.newProxyInstance(
                Driver.class.getClassLoader(), new Class<?>[] {Driver.class}, handler),
        "measures late");
  }

  private static void copyFiles(Path from, Path to) {
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The workspace of products too, which is many times what most runs need. */
  @Test
  void aMeasurementLeavesNothingOnTheDevice() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          cost(1, 1.5, 0.5);
          CudaDevice device = device();
          long before = usedMemory(device);
          int allocations = EmulatedGpu.call("fakeCudaAllocations");
          auto(device, Precision.BF16, CacheFolder.NONE);
          assertThat(EmulatedGpu.call("fakeCudaAllocations") - allocations)
              .as("three blocks and a workspace")
              .isEqualTo(4);
          assertThat(usedMemory(device)).isEqualTo(before);
        });
  }

  private static long usedMemory(CudaDevice device) {
    return device.ask(
        () -> {
          LongByReference free = new LongByReference();
          LongByReference total = new LongByReference();
          try {
            EmulatedGpu.call("cuMemGetInfo_v2", free, total);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return total.getValue() - free.getValue();
        });
  }

  @Test
  void aBackendTakesTheChoicesOfAnother() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          CudaDevice device = device();
          cost(1, 1.5, 0.5);
          CudaBackend rank0 =
              new CudaBackend(device, auto(device, Precision.FLOAT32, CacheFolder.NONE));
          cost(1, 0.5, 1.5);
          CudaDevice another = device();
          CudaBackend rank1 =
              new CudaBackend(another, auto(another, Precision.FLOAT32, CacheFolder.NONE));
          assertThat(rank1.provider()).isNotEqualTo(rank0.provider());
          try (Backend agreed = rank1.choosing(rank0.choices());
              Arena arena = agreed.arena("test")) {
            assertThat(agreed.provider()).isEqualTo(rank0.provider());
            assertThat(cublasProducts(agreed, arena, 10)).isZero();
            assertThat(agreed.choosing(agreed.choices())).isSameAs(agreed);
          }
          for (ProductProvider fixed : List.of(ProductProvider.OWN, ProductProvider.CUBLAS)) {
            CudaBackend other = new CudaBackend(device, fixed.on(device, Precision.FLOAT32));
            assertThat(rank1.choosing(other.choices()).provider()).isEqualTo(other.provider());
          }
        });
  }

  @Test
  void withoutCublasAutoIsOurOwnAndWhatNeedsItFails() throws IOException {
    CudaDevice device = EmulatedGpu.device();
    String before = System.setProperty(HostCublas.PROPERTY, "none");
    try {
      assertThat(ProductProvider.AUTO.on(device, Precision.BF16).name()).isEqualTo("bf16");
      assertThatThrownBy(() -> ProductProvider.CUBLAS.on(device, Precision.BF16))
          .isInstanceOf(CudaFailure.class)
          .hasMessage("batchwright.cuda.provider is cublas, but no cuBLAS that works was found");
      CudaBackend own = EmulatedGpu.backend(Precision.BF16);
      assertThat(own.choosing("cublas")).as("cannot").isSameAs(own);
      assertThat(own.choosing("")).as("of a CPU").isSameAs(own);
    } finally {
      if (before == null) {
        System.clearProperty(HostCublas.PROPERTY);
      }
    }
  }

  @Test
  void whereThereIsNoRoomToMeasureCublasMultiplies() throws IOException {
    EmulatedGpu.withCublas(
        ProductProvider.AUTO,
        () -> {
          CudaDevice device = device();
          long before = usedMemory(device);
          int allocations = EmulatedGpu.call("fakeCudaAllocations");
          int allocated = 0;
          for (long room : new long[] {1, 64 << 10}) { // for nothing; for all but a workspace
            EmulatedGpu.call("fakeCudaMemory", before + room);
            try {
              assertThat(auto(device, Precision.BF16, new CacheFolder(folder)).name())
                  .isEqualTo("cublas 12.0, bf16");
              assertThat(EmulatedGpu.call("fakeCudaAllocations") - allocations)
                  .isEqualTo(allocated);
              assertThat(usedMemory(device)).isEqualTo(before);
              assertThat(files()).isEmpty();
            } finally {
              EmulatedGpu.call("fakeCudaMemory", 4L << 30);
            }
            allocated = 3;
          }
        });
  }

  @Test
  void anUnknownProviderIsNamed() {
    System.setProperty(ProductProvider.PROPERTY, "mkl");
    try {
      assertThatThrownBy(ProductProvider::configured)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batchwright.cuda.provider must be one of auto, own, cublas, got 'mkl'");
    } finally {
      System.clearProperty(ProductProvider.PROPERTY);
    }
  }

  private static CudaDevice device() {
    return new CudaDevice(EmulatedGpu.driver(), "of products");
  }

  private static Products auto(CudaDevice device, Precision precision, CacheFolder cache) {
    return ProductProvider.AUTO.on(device, precision, GRID, cache);
  }

  /**
   * Milliseconds of a product: by our kernels, by cuBLAS, and by cuBLAS with a k of at least 32.
   */
  private static void cost(double own, double cublas, double deep) throws IOException {
    EmulatedGpu.call("fakeCudaCosts", own, cublas, deep, 32);
  }

  /** How many of one product are cuBLAS's. */
  private static int cublasProducts(Backend cuda, Arena arena, int k) throws IOException {
    Tensor a = arena.zeros("a", DType.F32, 8, k);
    Tensor b = arena.zeros("b", DType.F32, k, 8);
    Tensor out = arena.allocate("out", DType.F32, 8, 8);
    int before = EmulatedGpu.call("fakeCublasProducts");
    cuda.matmul(a, b, out);
    assertThat(out.toFloats()).containsOnly(0);
    return EmulatedGpu.call("fakeCublasProducts") - before;
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
