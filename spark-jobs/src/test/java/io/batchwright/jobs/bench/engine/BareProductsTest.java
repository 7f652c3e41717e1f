package io.batchwright.jobs.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BareProductsTest {
  private static final int M = 5;
  private static final int N = 7;
  private static final int K = 3;

  @Test
  void aProviderIsComparedWithTheLibraryThatItNamesFirst() {
    assertThat(BareProducts.names("onednn 3.11.0 for 0xfef and openblas 0.3.31 on a processor"))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("oneDNN"));
    assertThat(BareProducts.names("openblas 0.3.31 on a processor")).containsExactly("OpenBLAS");
    assertThat(BareProducts.names("java")).isEmpty();
  }

  @Test
  void theEnginesProviderHasALibraryHere() {
    try (Backend backend = Backends.cpu()) {
      assertThat(BareProducts.names(backend.provider()).isEmpty())
          .isEqualTo(backend.provider().startsWith("java"));
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void everyCallMultiplies() {
    float[] x = new float[M * K];
    float[] w = new float[N * K];
    for (int i = 0; i < x.length; i++) {
      x[i] = i - 6.5f;
    }
    for (int i = 0; i < w.length; i++) {
      w[i] = 0.3f * i - 2;
    }
    for (String provider : List.of("openblas", "onednn")) {
      try (Backend backend = Backends.cpu();
          Arena arena = backend.arena("test")) {
        Tensor product = arena.allocate("product", DType.F32, M, N);
        try (BareProducts bare =
            new BareProducts(
                provider, arena.floats("x", x, M, K), arena.floats("w", w, N, K), product)) {
          assertThat(bare.calls()).containsOnlyKeys(BareProducts.names(provider));
          for (Map.Entry<String, Runnable> call : bare.calls().entrySet()) {
            product.copyFrom(new float[M * N]);
            call.getValue().run();
            float[] found = product.toFloats();
            for (int i = 0; i < M * N; i++) {
              assertThat(found[i]).as(call.getKey()).isCloseTo(element(x, w, i), within(1e-4f));
            }
          }
        }
      }
    }
  }

  private static float element(float[] x, float[] w, int place) {
    double sum = 0;
    for (int l = 0; l < K; l++) {
      sum += (double) x[place / N * K + l] * w[place % N * K + l];
    }
    return (float) sum;
  }
}
