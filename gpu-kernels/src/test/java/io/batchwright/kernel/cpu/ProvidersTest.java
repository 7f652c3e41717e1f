package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProvidersTest {

  @Test
  void backendsAreSelectedByName() {
    try (Backend java = Backends.select("java");
        Backend auto = Backends.select("auto");
        Backend cpu = Backends.cpu()) {
      assertThat(java.provider()).isEqualTo("java");
      assertThat(auto.device()).isIn("cpu", "cuda");
      assertThat(cpu.device()).isEqualTo("cpu");
    }
    assertThatThrownBy(() -> Backends.select("tpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backend must be one of auto, cpu, cuda, java, got 'tpu'");
  }

  @Test
  void providersAreChosenByTheProperty() {
    assertThat(Providers.choose("java").name()).isEqualTo("java");
    assertThat(Providers.choose("openblas").name())
        .matches("openblas 0\\.3\\.31 (for \\w+ )?on .+");
    assertThat(Providers.choose("onednn").name())
        .matches("onednn 3\\.11\\.\\d+ for 0x\\w+ and openblas .+");
    assertThat(Providers.choose("auto").name())
        .startsWith(Processor.here().prefersOneDnn() ? "onednn" : "openblas");
    assertThatThrownBy(() -> Providers.choose("mkl"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "batchwright.cpu.provider must be one of auto, onednn, openblas, java, got 'mkl'");
  }

  @Test
  void whatDoesNotLoadIsReplacedByTheNextThatDoes() {
    Processor intel = Processor.of(List.of("vendor_id : GenuineIntel", "flags : avx512f"));
    Processor other = Processor.of(List.of("vendor_id : AuthenticAMD", "flags : avx512f"));
    MatrixProduct openBlas = new Named("OpenBLAS");
    MatrixProduct oneDnn = new Named("oneDNN");
    UnaryOperator<MatrixProduct> over =
        others -> {
          assertThat(others).isSameAs(openBlas);
          return oneDnn;
        };
    UnaryOperator<MatrixProduct> missing = others -> missing();

    assertThat(Providers.automatic(intel, () -> openBlas, over)).isSameAs(oneDnn);
    assertThat(Providers.automatic(intel, () -> openBlas, missing)).isSameAs(openBlas);
    assertThat(Providers.automatic(other, () -> openBlas, missing)).isSameAs(openBlas);
    for (Processor processor : List.of(intel, other)) {
      assertThat(Providers.automatic(processor, ProvidersTest::missing, over).name())
          .isEqualTo("java");
    }
    // What is no failure to load is no reason to compute by something else.
    assertThatThrownBy(
            () ->
                Providers.automatic(
                    other,
                    () -> {
                      throw new UnsupportedOperationException("a fault");
                    },
                    over))
        .hasMessage("a fault");
  }

  /** As a library that is not there. */
  private static MatrixProduct missing() {
    throw new IllegalStateException("the library did not load");
  }

  private record Named(String name) implements MatrixProduct {
    @Override
    public void multiply(
        DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void mllibOpensNoSecondBlasUnlessItIsAskedTo() {
    String library = "dev.ludovic.netlib.blas.nativeLib";
    String before = System.getProperty(library);
    try {
      System.clearProperty(library);
      Backends.keepOneBlas();
      assertThat(System.getProperty(library)).isEqualTo("none");
      System.setProperty(library, "libmkl_rt.so");
      Backends.keepOneBlas();
      assertThat(System.getProperty(library)).isEqualTo("libmkl_rt.so");
    } finally {
      if (before == null) {
        System.clearProperty(library);
      } else {
        System.setProperty(library, before);
      }
    }
  }

  @Test
  void allProvidersGiveTheSameProductWithinRounding() {
    double[] java = product("java");
    for (String provider : List.of("java", "openblas", "onednn")) {
      double[] product = product(provider);
      for (int i = 0; i < java.length; i++) {
        assertThat(Math.abs(java[i] - product[i])).isLessThan(2e-4);
      }
      assertThat(product(provider)).containsExactly(product);
    }
  }

  @Test
  void allProvidersRoundFactorsToBf16AndStoreFloat32() {
    double[] exact = product("java");
    double[] expected = null;
    for (String provider : List.of("java", "openblas", "onednn")) {
      try (Backend backend = CpuBackend.of(provider, Precision.BF16)) {
        assertThat(backend.provider()).contains(", bf16");
        assertThat(backend.activations()).isEqualTo(DType.F32);
        double[] product = product(backend);
        expected = expected == null ? product : expected;
        double furthest = 0;
        double fromExact = 0;
        for (int i = 0; i < product.length; i++) {
          furthest = Math.max(furthest, Math.abs(product[i] - expected[i]));
          fromExact = Math.max(fromExact, Math.abs(product[i] - exact[i]));
        }
        assertThat(furthest).as(provider).isLessThan(2e-4);
        assertThat(fromExact).as(provider).isBetween(2e-3, 0.5);
      }
    }
    try (Backend reference = Backends.select("java", 0, Precision.BF16)) {
      assertThat(reference.activations()).isEqualTo(DType.BF16);
    }
  }

  @Test
  void aProcessorIsReadFromItsDescription() {
    Processor intel =
        Processor.of(
            List.of(
                "vendor_id\t: GenuineIntel",
                "cpu family\t: 6",
                "model\t\t: 143",
                "model name\t: Intel(R) Xeon(R) Processor",
                "flags\t\t: fpu avx2 avx512f"));
    assertThat(intel.name()).isEqualTo("Intel(R) Xeon(R) Processor, cpu family 6, model 143");
    assertThat(intel.prefersOneDnn()).isTrue();
    assertThat(Processor.of(List.of("vendor_id : AuthenticAMD", "flags : avx512f")).prefersOneDnn())
        .isFalse();
    assertThat(Processor.of(List.of()).name()).isEqualTo(System.getProperty("os.arch"));
  }

  @Test
  void threadsShareABackendWithoutDisturbingEachOther() {
    for (String provider : List.of("openblas", "onednn")) {
      try (Backend backend = CpuBackend.of(provider, Precision.FLOAT32)) {
        double[] alone = product(backend);
        boolean same =
            IntStream.range(0, 8).parallel().allMatch(i -> Arrays.equals(alone, product(backend)));
        assertThat(same).isTrue();
      }
    }
  }

  private static double[] product(String provider) {
    try (Backend backend = CpuBackend.of(provider, Precision.FLOAT32)) {
      return product(backend);
    }
  }

  private static double[] product(Backend backend) {
    try (Arena arena = backend.arena("test")) {
      Tensor a = Values.tensor(arena, "a", DType.F32, Values.normal("a", 300 * 200), 300, 200);
      Tensor b = Values.tensor(arena, "b", DType.F32, Values.normal("b", 200 * 100), 200, 100);
      Tensor out = arena.allocate("out", DType.F32, 300, 100);
      backend.matmul(a, b, out);
      return out.toDoubles();
    }
  }
}
